import type { PurgeOrder } from './order.js';
import { carryOut } from './order.js';
import type { Purge, PurgeReport } from './purge.js';

/** How a purge reaches all edges of the CDN. */
export interface PurgeSpread {
  /** Resolves when this edge may answer requests: it has carried out what it missed, or has waited long enough. */
  caughtUp(): Promise<void>;
  /** Resolves when all have carried it out, or were waited for long enough. Rejects where this edge could not. */
  send(order: PurgeOrder): Promise<SpreadReport>;
  close(): Promise<void>;
}

export interface SpreadReport {
  readonly local: PurgeReport;
  /** Undefined: this edge is alone. */
  readonly others: OtherEdges | undefined;
}

export interface OtherEdges {
  /** Those that have carried it out, by name or admin URL. */
  readonly applied: readonly string[];
  /** Those that have not said so in time. */
  readonly missing: readonly string[];
  /** Shields that edges did not wait for to the end. */
  readonly shieldsNotWaitedFor: readonly string[];
  /** Whether those that are missing carry it out by themselves, once they can. */
  readonly isDurable: boolean;
  /** What went wrong, in words. */
  readonly problem?: string | undefined;
}

/** For an edge that is alone. */
export function onlyHere(purge: Purge): PurgeSpread {
  return {
    caughtUp: async () => {},
    send: async (order) => ({ local: await carryOut(purge, order), others: undefined }),
    close: async () => {},
  };
}
