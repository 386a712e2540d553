/** What a player may do here, and until when. */
export interface Pass {
  /** Since the epoch. Undefined: for good. */
  readonly endsAtMs: number | undefined;
  /** By the canonical path of a presentation or segment. */
  allows(path: string): boolean;
  /** Whether anything below the prefix may be had. */
  allowsBelow(prefix: string): boolean;
}

/** Where tokens are not asked for. */
export const FREE_PASS: Pass = { endsAtMs: undefined, allows: () => true, allowsBelow: () => true };

/** A player that was let in. */
export interface Visit {
  readonly site: string;
  /** What the site's names begin with in the cache. */
  readonly sitePrefix: string;
  readonly address: string | undefined;
  readonly pass: Pass;
  /** Another token in place of the one it came with. Undefined: it is not good. */
  renew(token: string): Promise<Pass | undefined>;
}
