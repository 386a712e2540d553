import { GRAIN_MINUTES, type InsightStore } from '../store/insight-store.js';
import type { SavingsTrend } from './figures.js';
import { type Filter, rangeFigures } from './queries.js';
import { grainOfStep, type QueryRange } from './range.js';
import { answerable, SAVING_MEASURES, savedBytes } from './savings-query.js';

const { hour: HOUR, day: DAY, week: WEEK } = GRAIN_MINUTES;
/** Whole hours, since clusters are hours. */
const STEPS = [HOUR, 3 * HOUR, 6 * HOUR, DAY, WEEK, 2 * WEEK, 4 * WEEK, 8 * WEEK];
/** Each asks for moments of its own. */
const MOST_POINTS = 32;

/** What sharing saved in each step of the range, widened to whole ones. Reaches as far back as `savings` does. */
export async function savingsTrend(
  store: InsightStore,
  asked: QueryRange,
  filter: Filter,
): Promise<SavingsTrend> {
  const range = inTrendSteps(answerable(asked, filter));
  const { stepMinutes } = range;
  const rows = await store.query({
    ...{ cube: filter.stream === undefined ? 'total' : 'stream', where: filter, by: ['arm'] },
    ...{ measures: SAVING_MEASURES, stepMinutes, from: range.from, to: range.to },
    grain: grainOfStep(stepMinutes),
  });
  const points: SavingsTrend['points'][number][] = [];
  for (let from = range.from; from < range.to; from += stepMinutes) {
    const here = rows.filter(({ minute }) => minute === from);
    const saved = await savedBytes(store, { from, to: from + stepMinutes }, filter, here);
    points.push({ startMs: from * 60_000, saved });
  }
  return { range: rangeFigures(range), stepSeconds: stepMinutes * 60, points };
}

function inTrendSteps(range: QueryRange): QueryRange {
  const minutes = range.to - range.from;
  const stepMinutes = STEPS.find((step) => minutes / step <= MOST_POINTS - 1) ?? 8 * WEEK;
  const from = Math.floor(range.from / stepMinutes) * stepMinutes;
  return { ...range, stepMinutes, from, to: Math.ceil(range.to / stepMinutes) * stepMinutes };
}
