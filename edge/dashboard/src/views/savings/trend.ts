import type { SavingsTrend } from '../../../../src/insight/queries/figures.js';
import type { Series } from '../../parts/time-chart/plot-data.js';

export type TrendPoint = SavingsTrend['points'][number];

export function lowOf({ saved }: TrendPoint): number | null {
  return saved?.kind === 'estimate' ? saved.lowBytes : null;
}

export function highOf({ saved }: TrendPoint): number | null {
  return saved?.kind === 'estimate' ? saved.highBytes : null;
}

/** Where no step has a holdout, all are upper bounds. */
export function isBound(points: readonly TrendPoint[]): boolean {
  return (
    points.some(({ saved }) => saved !== null) && points.every(({ saved }) => saved?.kind !== 'estimate')
  );
}

/** Estimates with their interval; upper bounds apart from them, since they are no estimates. */
export function trendSeries(points: readonly TrendPoint[]): Series[] {
  const of = (kind: 'estimate' | 'upper bound'): (number | null)[] =>
    points.map(({ saved }) => (saved?.kind === kind ? saved.savedBytes : null));
  const bounds: Series = {
    label: 'Upper bound',
    colour: '--quiet',
    kind: 'dashed',
    values: of('upper bound'),
  };
  if (isBound(points)) return [bounds];
  const hasBounds = points.some(({ saved }) => saved?.kind === 'upper bound');
  return [
    { label: 'Saved', colour: '--peer', kind: 'line', values: of('estimate') },
    { label: '95% interval', colour: '--peer', kind: 'low', values: points.map(lowOf) },
    { label: '95% interval', colour: '--peer', kind: 'high', values: points.map(highOf) },
    ...(hasBounds ? [bounds] : []),
  ];
}
