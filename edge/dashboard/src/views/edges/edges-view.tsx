import type { JSX } from 'preact';
import type { EdgeFigures, Edges as EdgesAnswer } from '../../../../src/insight/queries/figures.js';
import type { Column } from '../../figures/table.js';
import { stepLabel } from '../../figures/times.js';
import { Card } from '../../parts/card.js';
import { CsvButton } from '../../parts/csv-button.js';
import { DataTable } from '../../parts/data-table.js';
import { Empty } from '../../parts/states.js';
import { Tile } from '../../parts/tile.js';
import { TimeChart } from '../../parts/time-chart/time-chart.js';
import { type Site, useSite } from '../../shell/site.js';
import type { BodyProps, View } from '../view.js';
import { edgeColumns, popColumns } from './edge-columns.js';
import { filledBytes, popRows } from './pops.js';

export const EDGES_VIEW: View = {
  name: 'edges',
  title: 'Edges',
  about: 'What edges count themselves, of all requests for media, whether players report them or not.',
  asks: () => ['edges'],
  Body: Edges,
};

function Edges({ now, before }: BodyProps): JSX.Element | null {
  const site = useSite();
  const { edges } = now;
  if (!edges) return null;
  if (edges.edges.length === 0) {
    return (
      <Empty title="No edge told anything in this time">
        Each edge tells what it counted once a minute. Choose a longer time, or take filters away; where edges
        forward to this one, look whether their <code>insight.forward</code> names it.
      </Empty>
    );
  }
  const table = { name: 'edges', columns: edgeColumns(site), rows: edges.edges };
  return (
    <>
      <EdgeTiles edges={edges} before={before?.edges?.total} />
      <Sent edges={edges} />
      <Card
        title="PoPs"
        isTable={true}
        table={{ name: 'pops', columns: popColumns(site), rows: popRows(edges.edges) }}
      />
      <section class="card">
        <header>
          <h2>Edges</h2>
          <CsvButton table={table} />
          <p class="about">hits: answered from memory or disk without asking anybody</p>
        </header>
        <DataTable table={table} sorts={true} />
      </section>
    </>
  );
}

function EdgeTiles(props: {
  readonly edges: EdgesAnswer;
  readonly before: EdgeFigures | undefined;
}): JSX.Element {
  const { formats } = useSite();
  const { edges, before } = props;
  const { total } = edges;
  const now = edges.edges.reduce((sum, { nowBytesPerSecond }) => sum + (nowBytesPerSecond ?? 0), 0);
  const silent = edges.edges.filter(({ nowBytesPerSecond }) => nowBytesPerSecond === null).length;
  const refusals = (of: EdgeFigures): number | null => (of.requests > 0 ? of.refused / of.requests : null);
  return (
    <section class="tiles" aria-label="Key figures">
      <Tile title="Egress now" value={formats.bitRate(now)}>
        {silent === 0
          ? 'in the last whole minute'
          : `${silent} of ${edges.edges.length} edges silent for minutes`}
      </Tile>
      <Tile
        title="Hits"
        value={formats.percent(total.hitRatio)}
        change={{ now: total.hitRatio, before: before?.hitRatio, good: 'more', isShare: true }}
      >
        of requests; {formats.percent(total.byteHitRatio)} of bytes
      </Tile>
      <Tile
        title="Sent"
        value={formats.bytes(total.sentBytes)}
        change={{ now: total.sentBytes, before: before?.sentBytes, good: 'neither', isSum: true }}
      >
        in {formats.count(total.requests)} answers
      </Tile>
      <Tile
        title="Fetched"
        value={formats.bytes(filledBytes(total))}
        change={{
          ...{ now: filledBytes(total), good: 'less', isSum: true },
          before: before && filledBytes(before),
        }}
      >
        {formats.bytesText(total.originBytes)} of it from the origin
      </Tile>
      <Tile
        title="Refused"
        value={formats.percent(refusals(total))}
        change={{ now: refusals(total), before: before && refusals(before), good: 'less', isShare: true }}
      >
        {formats.count(total.failed)} failed, {formats.count(total.cuts)} broke off
      </Tile>
    </section>
  );
}

type Point = EdgesAnswer['points'][number];

/** Of one step: rates over the time that edges told of. */
function rate(bytes: number, { reportedMs }: Point, edges: number): number {
  return reportedMs > 0 ? (bytes * 1000 * edges) / reportedMs : 0;
}

function Sent({ edges }: { readonly edges: EdgesAnswer }): JSX.Element {
  const site = useSite();
  const { formats } = site;
  const { range, stepSeconds, points } = edges;
  const all = edges.edges.length;
  const missed = (point: Point): number => rate(point.sentBytes - point.hitBytes, point, all);
  const hit = (point: Point): number => rate(point.hitBytes, point, all);
  const peak = Math.max(0, ...points.map((point) => hit(point) + missed(point)));
  const columns = sentColumns(site, stepSeconds);
  return (
    <Card
      title="Sent by edges"
      about={stepLabel(stepSeconds)}
      table={{ name: 'edges-over-time', columns, rows: points }}
    >
      <TimeChart
        summary={`Throughput of edges over time, ${formats.bitRateText(peak)} at most.`}
        range={range}
        stepSeconds={stepSeconds}
        startsMs={points.map(({ startMs }) => startMs)}
        series={[
          { label: 'Hits', colour: '--edge', kind: 'stack', values: points.map(hit) },
          { label: 'The rest', colour: '--third', kind: 'stack', values: points.map(missed) },
        ]}
        show={(value) => formats.bitRateText(value)}
        label={(value) => formats.bitRateTick(value)}
      />
    </Card>
  );
}

function sentColumns({ formats, times }: Site, stepSeconds: number): Column<Point>[] {
  return [
    {
      ...{ title: 'From', csv: 'start', kind: 'time' },
      value: ({ startMs }) => new Date(startMs).toISOString(),
      show: ({ startMs }) => times.step(stepSeconds, startMs / 1000),
    },
    {
      ...{ title: 'Requests', csv: 'requests' },
      value: ({ requests }) => requests,
      show: ({ requests }) => formats.count(requests),
    },
    {
      ...{ title: 'Hits', csv: 'hit_ratio' },
      value: ({ hitRatio }) => hitRatio,
      show: ({ hitRatio }) => formats.percent(hitRatio),
    },
    {
      ...{ title: 'Sent', csv: 'sent_bytes' },
      value: ({ sentBytes }) => sentBytes,
      show: ({ sentBytes }) => formats.bytesText(sentBytes),
    },
    {
      ...{ title: 'Fetched', csv: 'filled_bytes' },
      value: filledBytes,
      show: (point) => formats.bytesText(filledBytes(point)),
    },
  ];
}
