import type { RangeName } from './api.js';

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric' });
const DAY_AND_CLOCK = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** A moment below an axis. */
export function tick(range: RangeName, seconds: number): string {
  return (range === '7d' ? DAY : CLOCK).format(seconds * 1000);
}

/** A moment in a legend. */
export function moment(range: RangeName, seconds: number): string {
  return (range === '24h' || range === '7d' ? DAY_AND_CLOCK : CLOCK).format(seconds * 1000);
}

/** Distances between ticks, in seconds: whole minutes, hours and days only. */
export const TICK_STEPS: number[] = [
  60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
];

export function stepLabel(stepSeconds: number): string {
  if (stepSeconds === 60) return 'per minute';
  return stepSeconds < 3600 ? `per ${stepSeconds / 60} minutes` : 'per hour';
}
