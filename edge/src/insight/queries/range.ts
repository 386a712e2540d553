import { GRAIN_MINUTES, type Grain, type MinuteRange } from '../store/insight-store.js';
import type { RangeName } from './figures.js';

const DAY = GRAIN_MINUTES.day;

/** At most 168 points each, so that a chart and an answer stay small. */
const RANGES: Readonly<Record<RangeName, { readonly minutes: number; readonly stepMinutes: number }>> = {
  '15m': { minutes: 15, stepMinutes: 1 },
  '1h': { minutes: 60, stepMinutes: 1 },
  '24h': { minutes: DAY, stepMinutes: 10 },
  '7d': { minutes: 7 * DAY, stepMinutes: 60 },
  '30d': { minutes: 30 * DAY, stepMinutes: 360 },
  '90d': { minutes: 90 * DAY, stepMinutes: DAY },
  '1y': { minutes: 365 * DAY, stepMinutes: 5 * DAY },
  '3y': { minutes: 3 * 365 * DAY, stepMinutes: 15 * DAY },
};
const MAX_POINTS = 200;
const STEPS = [1, 5, 10, 30, 60, 180, 360, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY];

export interface QueryRange extends MinuteRange {
  readonly name: RangeName | undefined;
  readonly stepMinutes: number;
}

/** The range that ends with the step under way, in whole steps of the epoch. */
export function rangeEndingAt(name: RangeName, nowMs: number): QueryRange {
  const { minutes, stepMinutes } = RANGES[name];
  const to = (Math.floor(nowMs / (stepMinutes * 60_000)) + 1) * stepMinutes;
  return { name, from: to - minutes, to, stepMinutes };
}

/** Any other, widened to whole steps. Both ends in milliseconds since the epoch. */
export function rangeBetween(fromMs: number, toMs: number): QueryRange {
  const minutes = (toMs - fromMs) / 60_000;
  // So that a range and the one before it have the same steps.
  const named = Object.values(RANGES).find((range) => range.minutes === minutes)?.stepMinutes;
  const stepMinutes = named ?? STEPS.find((step) => minutes / step <= MAX_POINTS) ?? 28 * DAY;
  const stepMs = stepMinutes * 60_000;
  return {
    name: undefined,
    from: Math.floor(fromMs / stepMs) * stepMinutes,
    to: Math.ceil(toMs / stepMs) * stepMinutes,
    stepMinutes,
  };
}

/**
 * The coarsest grain that a step allows, and that is still kept: the finer the grain, the sooner it is forgotten and the more
 * is to be read.
 */
export function grainOfStep(stepMinutes: number): Grain {
  if (stepMinutes % GRAIN_MINUTES.week === 0) return 'week';
  if (stepMinutes % DAY === 0) return 'day';
  return stepMinutes % 60 === 0 ? 'hour' : 'minute';
}

/** Longer ranges than these many minutes are read at that grain. */
interface Thresholds {
  readonly hour: number;
  readonly day: number;
  readonly week: number;
}

/** A cube of 16,000 rows at a time is summed up as a whole: at most 2.5 million rows are read. */
const WHOLE_CUBE: Thresholds = { hour: 60, day: 2 * DAY, week: 100 * DAY };
/** One stream of it is looked for: reading the names of others is cheaper than summing them up. */
const ONE_STREAM: Thresholds = { hour: 60, day: 7 * DAY, week: 200 * DAY };

function grainOfSpan({ from, to }: MinuteRange, { hour, day, week }: Thresholds): Grain {
  const minutes = to - from;
  if (minutes > week) return 'week';
  if (minutes > day) return 'day';
  return minutes > hour ? 'hour' : 'minute';
}

/**
 * For cubes with many rows: grain by the length of the range, which is widened to whole ones of it. What is summed up
 * is then a little more than what was asked for, at its ends.
 */
export function widened(range: MinuteRange): MinuteRange & { readonly grain: Grain } {
  const grain = grainOfSpan(range, WHOLE_CUBE);
  return { grain, ...inSteps(range, GRAIN_MINUTES[grain]) };
}

/** The same for one stream, in steps of whole grains. */
export function ofOneStream(range: QueryRange): QueryRange & { readonly grain: Grain } {
  return inWholeGrains(range, ONE_STREAM);
}

/** The same for a cube with many rows. */
export function ofWholeCube(range: QueryRange): QueryRange & { readonly grain: Grain } {
  return inWholeGrains(range, WHOLE_CUBE);
}

function inWholeGrains(range: QueryRange, thresholds: Thresholds): QueryRange & { readonly grain: Grain } {
  const grain = grainOfSpan(range, thresholds);
  const unit = GRAIN_MINUTES[grain];
  const stepMinutes = Math.ceil(range.stepMinutes / unit) * unit;
  return { ...range, grain, stepMinutes, ...inSteps(range, stepMinutes) };
}

function inSteps({ from, to }: MinuteRange, step: number): MinuteRange {
  return { from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step };
}
