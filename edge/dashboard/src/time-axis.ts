import type { RangeName } from './api.js';

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric' });
const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: '2-digit' });
const DAY_AND_CLOCK = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

const LONG: ReadonlySet<RangeName> = new Set(['30d', '90d', '1y', '3y']);

/** A moment below an axis. */
export function tick(range: RangeName, seconds: number): string {
  if (LONG.has(range)) return DATE.format(seconds * 1000);
  return (range === '7d' ? DAY : CLOCK).format(seconds * 1000);
}

/** A moment in a legend. */
export function moment(range: RangeName, seconds: number): string {
  if (LONG.has(range) && range !== '30d') return DATE.format(seconds * 1000);
  return (range === '24h' || range === '30d' || range === '7d' ? DAY_AND_CLOCK : CLOCK).format(
    seconds * 1000,
  );
}

/** Distances between ticks, in seconds: whole minutes, hours and days only. */
export const TICK_STEPS: number[] = [
  60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600,
  2_592_000, 7_776_000, 15_552_000,
];

export function stepLabel(stepSeconds: number): string {
  if (stepSeconds === 60) return 'per minute';
  if (stepSeconds < 3600) return `per ${stepSeconds / 60} minutes`;
  if (stepSeconds === 3600) return 'per hour';
  if (stepSeconds < 86_400) return `per ${stepSeconds / 3600} hours`;
  return stepSeconds === 86_400 ? 'per day' : `per ${stepSeconds / 86_400} days`;
}
