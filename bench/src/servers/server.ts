import type { Contender } from '../report/report.js';

export interface StartComponents {
  /** Where it fills from. */
  readonly originPort: number;
  /** A folder of its own: empty, or as a run of the same server left it. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface RunningServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  /** Stands before every path: a token, where the server asks for one. */
  readonly prefix?: string;
  /** The certificate to trust, where `url` is https. */
  readonly ca?: string;
  /** The end of what it wrote, for when it misbehaves. */
  readonly log: () => string;
  /** Whether the server itself says that this answer came from its cache. */
  readonly saysHit: (headers: Headers) => boolean;
  readonly stop: () => Promise<void>;
}

/** A server in one setting, ready to be started. */
export interface ServerUnderTest extends Contender {
  /** Starts it and waits until it accepts connections. Throws BenchError `start-failed`. */
  readonly start: (components: StartComponents) => Promise<RunningServer>;
}
