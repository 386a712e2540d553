import type { JSX } from 'preact';
import type { Timeline } from '../../../../src/insight/queries/figures.js';
import type { Column } from '../../figures/table.js';
import { stepLabel } from '../../figures/times.js';
import { Card } from '../../parts/card.js';
import { TimeChart } from '../../parts/time-chart/time-chart.js';
import { type Site, useSite } from '../../shell/site.js';
import { type ArmTimelines, type StalledStep, stalledSeries, stalledSteps } from './stalled.js';

/** Time stalled over time: viewers with peers beside the holdout. */
export function StalledCard(props: {
  readonly arms: ArmTimelines;
  /** Of viewers with peers. */
  readonly before: Timeline | undefined;
}): JSX.Element {
  const site = useSite();
  const { formats } = site;
  const { arms, before } = props;
  const { range, stepSeconds } = arms.treated;
  const steps = stalledSteps(arms);
  const worst = Math.max(0, ...steps.map(({ treated, holdout }) => Math.max(treated ?? 0, holdout ?? 0)));
  return (
    <Card
      title="Time stalled"
      about={`of the time watched and stalled, ${stepLabel(stepSeconds)}`}
      table={{ name: 'stalled', columns: columnsOf(site, stepSeconds), rows: steps }}
    >
      <TimeChart
        summary={`Share of time stalled with peers and without, ${formats.percent(worst)} at most.`}
        range={range}
        stepSeconds={stepSeconds}
        startsMs={steps.map(({ startMs }) => startMs)}
        series={stalledSeries(steps, arms.treated, before)}
        show={(value) => formats.percent(value)}
        label={(value) => formats.percentTick(value)}
      />
    </Card>
  );
}

function columnsOf({ formats, times }: Site, stepSeconds: number): Column<StalledStep>[] {
  return [
    {
      ...{ title: 'From', csv: 'start', kind: 'time' },
      value: ({ startMs }) => new Date(startMs).toISOString(),
      show: ({ startMs }) => times.step(stepSeconds, startMs / 1000),
    },
    {
      ...{ title: 'With peers', csv: 'treated_rebuffer_share' },
      value: ({ treated }) => treated,
      show: ({ treated }) => formats.percent(treated),
    },
    {
      ...{ title: 'Holdout', csv: 'holdout_rebuffer_share' },
      value: ({ holdout }) => holdout,
      show: ({ holdout }) => formats.percent(holdout),
    },
  ];
}
