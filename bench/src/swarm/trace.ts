import type { EdgeRequest } from './link/far-edge.js';
import type { Manner } from './page/misbehave.js';
import type { Observed } from './page/observe.js';
import type { Witnessed } from './page/witness.js';

/** Everything that was seen of one viewer. Times in ms since the turn began. */
export interface ViewerTrace {
  readonly viewer: number;
  readonly joinedAt: number;
  readonly leftAt: number;
  /** From inside its page, below the player. */
  readonly observed: Observed;
  /** What its player did with the bytes that it got. */
  readonly witnessed: Witnessed;
  /** How it treats the others; undefined: as its player does. */
  readonly manner: Manner | undefined;
  /** From its way to the edge. */
  readonly requests: readonly EdgeRequest[];
  /** Down over WebSockets: the edge's room, or the tracker. */
  readonly socketBytes: number;
  /** What its page threw and nobody caught. */
  readonly scriptErrors: readonly string[];
}

/** Everything that was seen in one turn. */
export interface TurnTrace {
  readonly scenario: string;
  readonly contender: string;
  readonly round: number;
  readonly durationMs: number;
  readonly viewers: readonly ViewerTrace[];
  /** SHA-256, in hex, of all frames that the origin published. */
  readonly originMedia: readonly string[];
  /** CPU seconds of the browser, all processes. */
  readonly browserSeconds: number;
  /** CPU seconds of everything on this machine meanwhile. */
  readonly busySeconds: number;
  readonly stolenSeconds: number;
  readonly cores: number;
}
