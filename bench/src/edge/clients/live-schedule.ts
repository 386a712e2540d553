/** What is due when: `viewers` poll one after the other, each every `periodMs`, and fetch half a period later. */
export interface LiveSchedule {
  readonly viewers: number;
  readonly periodMs: number;
}

export interface LiveDue {
  readonly viewer: number;
  readonly what: 'playlist' | 'segment';
  readonly atMs: number;
}

/** The two requests of a step; steps follow each other every `periodMs / viewers`, without end. */
export function dueAtStep({ viewers, periodMs }: LiveSchedule, step: number): readonly [LiveDue, LiveDue] {
  const atMs = (step * periodMs) / viewers;
  return [
    { viewer: step % viewers, what: 'playlist', atMs },
    { viewer: (step + (viewers >> 1)) % viewers, what: 'segment', atMs },
  ];
}

/** How many steps have begun at `elapsedMs`. */
export function stepsBegun({ viewers, periodMs }: LiveSchedule, elapsedMs: number): number {
  return elapsedMs < 0 ? 0 : Math.floor((elapsedMs * viewers) / periodMs + 1e-9) + 1;
}
