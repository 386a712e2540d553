import type { Place } from './place.js';

/** What matching knows of a viewer. */
export interface Viewer {
  readonly peer: string;
  /** Answers other viewers' requests. */
  readonly uploads: boolean;
  /** Viewers it is introduced to now. */
  readonly met: ReadonlySet<Viewer>;
  /** Names of viewers it could not reach or would not trust. */
  readonly failed: ReadonlySet<string>;
  /** Too many pairs with it ended in an accusation: it is introduced to nobody any more. */
  readonly disputed: boolean;
  readonly place: Place;
  /** Where it plays: see `Status` in the protocol. */
  readonly positionMs: number | undefined;
  /** What others say that it gives, at most what it says itself. Undefined: nobody has said anything. */
  readonly uploadBytesPerSecond: number | undefined;
  /** Connected to another edge, which has to agree before it meets somebody. Default: to this one. */
  readonly home?: string | undefined;
}
