import type { OpenLoopResult } from '../load/open-loop/run-open-loop.js';
import type { Watched } from './watch-hls.js';

/** What one edge says of itself, seen on its machine. */
export interface EdgeState {
  readonly version: string;
  readonly ready: boolean;
  /** Of its process: the same number means that nobody restarted it. */
  readonly pid: number;
  readonly releases: readonly string[];
  /** As systemd has confined it. */
  readonly user: string;
}

/** What viewers behind one balancer had. */
export interface LoadResult {
  readonly name: string;
  readonly requests: OpenLoopResult;
  readonly watched: Watched;
}

/** One step of an operator, and what viewers and hosts had of it. */
export interface Phase {
  readonly name: string;
  readonly seconds: number;
  /** Whether the playbook was content. */
  readonly ok: boolean;
  /** The end of what it said, where it was not. */
  readonly said: string;
  readonly load: readonly LoadResult[];
  readonly before: Readonly<Record<string, EdgeState>>;
  readonly after: Readonly<Record<string, EdgeState>>;
}
