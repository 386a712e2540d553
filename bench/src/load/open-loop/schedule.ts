/**
 * Which requests are due: the i-th is due at `i / rate`, whatever became of those before it. Latency counts from
 * there, so a server that stalls pays for every request that should have been sent meanwhile (no coordinated
 * omission).
 */
export interface Schedule {
  readonly total: number;
  /** When the i-th request is due, in milliseconds from the start. */
  readonly dueMs: (index: number) => number;
  /** How many are due at `elapsedMs`. */
  readonly dueCount: (elapsedMs: number) => number;
}

export function evenSchedule(perSecond: number, seconds: number): Schedule {
  const total = Math.floor(perSecond * seconds);
  const everyMs = 1000 / perSecond;
  return {
    total,
    dueMs: (index) => index * everyMs,
    dueCount: (elapsedMs) =>
      elapsedMs < 0 ? 0 : Math.min(total, Math.floor(elapsedMs / everyMs + 1e-9) + 1),
  };
}
