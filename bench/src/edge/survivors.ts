export interface Survival {
  /** Objects that a client had whole this long before the kill. */
  readonly settled: number;
  readonly settledHits: number;
  /** Objects that a client had whole at any time before the kill. */
  readonly finished: number;
  readonly finishedHits: number;
}

/**
 * What of the finished objects is still there. `whole`: index and time of each that a client had whole; `isHit`: the
 * restarted server gave it without asking its origin.
 */
export function survivorsOf(
  whole: readonly (readonly [number, number])[],
  { killedMs, settleMs }: { readonly killedMs: number; readonly settleMs: number },
  isHit: (index: number) => boolean,
): Survival {
  const before = whole.filter(([, atMs]) => atMs <= killedMs);
  const settled = before.filter(([, atMs]) => atMs <= killedMs - settleMs);
  const hits = (some: typeof before): number => some.filter(([index]) => isHit(index)).length;
  return {
    settled: settled.length,
    settledHits: hits(settled),
    finished: before.length,
    finishedHits: hits(before),
  };
}
