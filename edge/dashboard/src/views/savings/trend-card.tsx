import type { JSX } from 'preact';
import type { SavingsTrend } from '../../../../src/insight/queries/figures.js';
import type { Column } from '../../figures/table.js';
import { stepLabel } from '../../figures/times.js';
import { Card } from '../../parts/card.js';
import { TimeChart } from '../../parts/time-chart/time-chart.js';
import { type Site, useSite } from '../../shell/site.js';
import { highOf, isBound, lowOf, type TrendPoint, trendSeries } from './trend.js';

/** Bytes saved over time, with the interval of each step. */
export function TrendCard({ trend }: { readonly trend: SavingsTrend }): JSX.Element {
  const site = useSite();
  const { formats } = site;
  const { range, stepSeconds, points } = trend;
  const most = Math.max(0, ...points.map(({ saved }) => saved?.savedBytes ?? 0));
  return (
    <Card
      title={isBound(points) ? 'Saved at most, over time' : 'Saved over time'}
      about={`${stepLabel(stepSeconds)}; each step is measured by itself`}
      table={{ name: 'savings-over-time', columns: trendColumns(site, stepSeconds), rows: points }}
    >
      <TimeChart
        summary={`Bytes saved over time, ${formats.bytesText(most)} in a step at most.`}
        range={range}
        stepSeconds={stepSeconds}
        startsMs={points.map(({ startMs }) => startMs)}
        series={trendSeries(points)}
        show={(value) => formats.bytesText(value)}
        label={(value) => formats.bytesTick(value)}
      />
    </Card>
  );
}

function trendColumns({ formats, times }: Site, stepSeconds: number): Column<TrendPoint>[] {
  const bytes = (
    title: string,
    csv: string,
    value: (point: TrendPoint) => number | null,
  ): Column<TrendPoint> => ({
    ...{ title, csv, value },
    show: (point) => {
      const amount = value(point);
      return amount === null ? '–' : formats.bytesText(amount);
    },
  });
  return [
    {
      ...{ title: 'From', csv: 'start', kind: 'time' },
      value: ({ startMs }) => new Date(startMs).toISOString(),
      show: ({ startMs }) => times.step(stepSeconds, startMs / 1000),
    },
    bytes('Saved', 'saved_bytes', ({ saved }) => saved?.savedBytes ?? null),
    bytes('Low', 'low_bytes', lowOf),
    bytes('High', 'high_bytes', highOf),
    {
      ...{ title: 'Kind', csv: 'kind', kind: 'text', priority: 2 },
      value: ({ saved }) => saved?.kind ?? null,
      show: ({ saved }) => saved?.kind ?? '–',
    },
  ];
}
