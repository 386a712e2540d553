import type { Timeline } from '../../../../src/insight/queries/figures.js';
import { earlierShare } from '../../figures/comparison.js';
import type { Series } from '../../parts/time-chart/plot-data.js';

export interface ArmTimelines {
  readonly treated: Timeline;
  readonly holdout: Timeline;
}

/** One step, in both arms. Null: nobody watched in that one. */
export interface StalledStep {
  readonly startMs: number;
  readonly treated: number | null;
  readonly holdout: number | null;
}

/** Both are asked for one after the other, so that one may have a step more than the other. */
export function stalledSteps({ treated, holdout }: ArmTimelines): StalledStep[] {
  const others = new Map(holdout.points.map(({ startMs, rebufferShare }) => [startMs, rebufferShare]));
  return treated.points.map(({ startMs, rebufferShare }) => ({
    ...{ startMs, treated: rebufferShare, holdout: others.get(startMs) ?? null },
  }));
}

/** Arms that anybody watched in, and what those with peers had in the time before. */
export function stalledSeries(
  steps: readonly StalledStep[],
  now: Timeline,
  before: Timeline | undefined,
): Series[] {
  const arms: Series[] = [
    { label: 'Holdout', colour: '--edge', kind: 'line', values: steps.map(({ holdout }) => holdout) },
    { label: 'With peers', colour: '--peer', kind: 'line', values: steps.map(({ treated }) => treated) },
  ];
  const shown = arms.filter(({ values }) => values.some((value) => value !== null));
  return before === undefined ? shown : [...shown, stalledBefore(now, before)];
}

function stalledBefore(now: Timeline, before: Timeline): Series {
  const values = earlierShare(
    now,
    before,
    ({ rebufferMs }) => rebufferMs,
    ({ rebufferMs, watchedMs }) => rebufferMs + watchedMs,
  );
  return { label: 'With peers, the time before', colour: '--quiet', kind: 'dashed', values };
}
