import type { MinuteRange } from '../store/insight-store.js';
import type { RangeName } from './figures.js';

/** At most 168 points each, so that a chart and an answer stay small. */
const RANGES: Readonly<Record<RangeName, { readonly minutes: number; readonly stepMinutes: number }>> = {
  '15m': { minutes: 15, stepMinutes: 1 },
  '1h': { minutes: 60, stepMinutes: 1 },
  '24h': { minutes: 24 * 60, stepMinutes: 10 },
  '7d': { minutes: 7 * 24 * 60, stepMinutes: 60 },
};

export interface QueryRange extends MinuteRange {
  readonly name: RangeName;
  readonly stepMinutes: number;
}

/** The range that ends with the step under way, in whole steps of the epoch. */
export function rangeEndingAt(name: RangeName, nowMs: number): QueryRange {
  const { minutes, stepMinutes } = RANGES[name];
  const to = (Math.floor(nowMs / (stepMinutes * 60_000)) + 1) * stepMinutes;
  return { name, from: to - minutes, to, stepMinutes };
}
