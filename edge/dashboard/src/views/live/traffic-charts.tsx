import type { JSX } from 'preact';
import type { Timeline } from '../../../../src/insight/queries/figures.js';
import type { Column } from '../../figures/table.js';
import { stepLabel } from '../../figures/times.js';
import { Card } from '../../parts/card.js';
import { TimeChart } from '../../parts/time-chart/time-chart.js';
import { type Site, useSite } from '../../shell/site.js';
import { offloadSeries, type TrafficStep, throughputSeries, trafficOf, viewersSeries } from './traffic.js';

export interface TrafficChartsProps {
  readonly timeline: Timeline;
  readonly before: Timeline | undefined;
  readonly nowMs: number;
}

/** Throughput stacked by source, viewers and offload over time. */
export function TrafficCharts({ timeline, before, nowMs }: TrafficChartsProps): JSX.Element {
  const site = useSite();
  const { formats } = site;
  const { range, stepSeconds } = timeline;
  const steps = trafficOf(timeline, nowMs);
  const common = { range, stepSeconds, startsMs: steps.map(({ startMs }) => startMs) };
  const columns = stepColumns(site, stepSeconds);
  const peak = Math.max(0, ...steps.map((step) => step.edgeBytesPerSecond + step.peerBytesPerSecond));
  const most = Math.max(0, ...steps.map(({ viewers }) => viewers));
  const [start, edge, peers, viewers, offload] = columns;
  return (
    <>
      <Card
        title="Throughput by source"
        about={stepLabel(stepSeconds)}
        table={{ name: 'throughput', columns: [start, edge, peers], rows: steps }}
      >
        <TimeChart
          {...common}
          summary={`Throughput of edge and peers over time, ${formats.bitRateText(peak)} at most.`}
          series={throughputSeries(steps, timeline, before)}
          show={(value) => formats.bitRateText(value)}
          label={(value) => formats.bitRateTick(value)}
        />
      </Card>
      <div class="pair-of-cards">
        <Card
          title="Offload"
          about="share of media bytes from peers"
          table={{ name: 'offload', columns: [start, offload], rows: steps }}
        >
          <TimeChart
            {...common}
            isShare={true}
            summary="Share of bytes that came from peers, over time."
            series={offloadSeries(steps, timeline, before)}
            show={(value) => formats.percent(value)}
            label={(value) => `${Math.round(value * 100)}%`}
          />
        </Card>
        <Card
          title="Viewers"
          about="watching at a time, on average"
          table={{ name: 'viewers', columns: [start, viewers], rows: steps }}
        >
          <TimeChart
            {...common}
            summary={`Viewers watching at a time, ${formats.count(most)} at most.`}
            series={viewersSeries(steps, timeline, before)}
            show={(value) => formats.amount(value)}
            label={(value) => formats.count(value)}
          />
        </Card>
      </div>
    </>
  );
}

type StepColumn = Column<TrafficStep>;

function stepColumns(
  { formats, times }: Site,
  stepSeconds: number,
): [StepColumn, StepColumn, StepColumn, StepColumn, StepColumn] {
  return [
    {
      ...{ title: 'From', csv: 'start', kind: 'time' },
      value: ({ startMs }) => new Date(startMs).toISOString(),
      show: ({ startMs }) => times.step(stepSeconds, startMs / 1000),
    },
    {
      ...{ title: 'Edge', csv: 'edge_bytes_per_second' },
      value: ({ edgeBytesPerSecond }) => edgeBytesPerSecond,
      show: ({ edgeBytesPerSecond }) => formats.bitRateText(edgeBytesPerSecond),
    },
    {
      ...{ title: 'Peers', csv: 'peer_bytes_per_second' },
      value: ({ peerBytesPerSecond }) => peerBytesPerSecond,
      show: ({ peerBytesPerSecond }) => formats.bitRateText(peerBytesPerSecond),
    },
    {
      ...{ title: 'Viewers', csv: 'mean_viewers' },
      value: ({ viewers }) => viewers,
      show: ({ viewers }) => formats.amount(viewers),
    },
    {
      ...{ title: 'Offload', csv: 'offload' },
      value: ({ offload }) => offload,
      show: ({ offload }) => formats.percent(offload),
    },
  ];
}
