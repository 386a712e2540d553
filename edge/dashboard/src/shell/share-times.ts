const DAY = 86_400;

export interface ShareTime {
  readonly words: string;
  readonly seconds: number;
}

const USUAL: readonly ShareTime[] = [
  { words: '1 day', seconds: DAY },
  { words: '7 days', seconds: 7 * DAY },
  { words: '30 days', seconds: 30 * DAY },
  { words: '90 days', seconds: 90 * DAY },
];

/** How long a link may last; where even a day is too long, as long as it may. */
export function shareTimes(maxSeconds: number): ShareTime[] {
  const fit = USUAL.filter(({ seconds }) => seconds <= maxSeconds);
  return fit.length > 0
    ? fit
    : [{ words: `${Math.max(1, Math.floor(maxSeconds / 60))} min`, seconds: maxSeconds }];
}
