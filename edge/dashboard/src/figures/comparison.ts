import type { RangeFigures, Timeline } from '../../../src/insight/queries/figures.js';
import type { Span } from '../address/address.js';

/** The time before, just as long. */
export function previousSpan({ fromMs, toMs }: RangeFigures): Span {
  return { fromMs: Math.max(0, fromMs - (toMs - fromMs)), toMs: fromMs };
}

/** How much more (0.1: a tenth more) than before; undefined: nothing to compare with. */
export function changeOf(now: number | null, before: number | null | undefined): number | undefined {
  if (now === null || before === null || before === undefined || before === 0) return undefined;
  return (now - before) / Math.abs(before);
}

/** How many points (0.01: one percent) more than before; undefined: nothing to compare with. */
export function differenceOf(now: number | null, before: number | null | undefined): number | undefined {
  return now === null || before === null || before === undefined ? undefined : now - before;
}

/** How much of a time is over, 0 to 1. Sums of it are to be held against as much of the time before. */
export function passedOf({ fromMs, toMs }: RangeFigures, nowMs: number): number {
  return Math.min(1, Math.max(0, (nowMs - fromMs) / (toMs - fromMs)));
}

/** Without what is still to come. */
export function untilNow({ fromMs, toMs }: RangeFigures, nowMs: number): Span {
  return { fromMs, toMs: nowMs > fromMs ? Math.min(toMs, nowMs) : toMs };
}

type Point = Timeline['points'][number];

/** A mean rate of all steps of the time before that fall into a step now; null: none does. */
export type EarlierRate = (of: (point: Point) => number) => (number | null)[];

/** Lays an earlier timeline over this one. Their steps may differ, so rates are compared, not sums. */
export function laidOver(now: Timeline, before: Timeline): EarlierRate {
  const stepMs = now.stepSeconds * 1000;
  const shiftMs = now.range.toMs - before.range.toMs;
  const steps: Point[][] = now.points.map(() => []);
  for (const point of before.points) {
    const index = Math.floor((point.startMs + shiftMs - now.range.fromMs) / stepMs);
    steps[index]?.push(point);
  }
  return (of) =>
    steps.map((points) =>
      points.length === 0
        ? null
        : points.reduce((sum, point) => sum + of(point), 0) / points.length / before.stepSeconds,
    );
}

/** The same of a share; null where there was nothing to have a share of. */
export function earlierShare(
  now: Timeline,
  before: Timeline,
  part: (point: Point) => number,
  whole: (point: Point) => number,
): (number | null)[] {
  const rates = laidOver(now, before);
  const parts = rates(part);
  return rates(whole).map((all, at) => (all === null || all === 0 ? null : (parts[at] ?? 0) / all));
}
