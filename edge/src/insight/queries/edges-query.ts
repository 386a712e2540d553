import type { Clock } from '../../components.js';
import { EDGE_COUNTERS } from '../measures/edge-counters.js';
import type { Sums } from '../measures/measures.js';
import type { InsightStore, Keys, QueryRow, RowPosition } from '../store/insight-store.js';
import type { EdgeFigures, Edges } from './figures.js';
import { type Page, positionOf, rangeFigures } from './queries.js';
import { grainOfStep, type QueryRange } from './range.js';
import { addUp, pick, share } from './sums.js';

export interface EdgesComponents {
  readonly store: InsightStore;
  /** Since the epoch. */
  readonly wallClock: Clock;
}

export type EdgesFilter = Pick<Keys, 'pop' | 'edge'>;

const BY_BYTES = ['sentBytes'] as const;
/** A minute is told when it is over. */
const NOW_MINUTES = 3;

/** `last` is where the next page begins; undefined: there is none. */
export async function edges(
  { store, wallClock }: EdgesComponents,
  range: QueryRange,
  { limit, after }: Page,
  where: EdgesFilter,
): Promise<{ readonly answer: Omit<Edges, 'nextCursor'>; readonly last: RowPosition | undefined }> {
  const { from, to, stepMinutes } = range;
  const asked = { cube: 'edge', where, measures: EDGE_COUNTERS } as const;
  const grain = grainOfStep(stepMinutes);
  const points = await store.query({ ...asked, grain, from, to, stepMinutes, by: [] });
  const rows = await store.query({
    ...{ ...asked, grain, from, to, by: ['edge', 'pop'] },
    largest: { by: BY_BYTES, limit: limit + 1 },
    ...(after === undefined ? {} : { after }),
  });
  const nowMinute = Math.floor(wallClock.now() / 60_000);
  const newest = await store.query({
    ...{ ...asked, grain: 'minute', from: nowMinute - NOW_MINUTES, to: nowMinute, stepMinutes: 1 },
    ...{ by: ['edge', 'pop'], measures: ['sentBytes', 'reportedMs'] },
  });
  const shown = rows.slice(0, limit);
  return {
    answer: {
      range: rangeFigures(range),
      stepSeconds: stepMinutes * 60,
      total: edgeFigures(addUp(points)),
      points: series(points, range),
      edges: shown.map(({ keys, sums }) => ({
        ...{ edge: keys.edge ?? '', pop: keys.pop ?? '', ...edgeFigures(sums) },
        nowBytesPerSecond: rate(newest.findLast((row) => isOf(row, keys))),
      })),
    },
    last: rows.length > limit ? positionOf(shown.at(-1), BY_BYTES) : undefined,
  };
}

function series(rows: readonly QueryRow[], { from, to, stepMinutes }: QueryRange): Edges['points'] {
  const byMinute = new Map(rows.map(({ minute, sums }) => [minute, sums]));
  const points: Edges['points'][number][] = [];
  for (let minute = from; minute < to; minute += stepMinutes) {
    const bucket = minute - (minute % stepMinutes);
    points.push({ startMs: minute * 60_000, ...edgeFigures(byMinute.get(bucket) ?? {}) });
  }
  return points;
}

export function edgeFigures(sums: Sums): EdgeFigures {
  const counters = pick(sums, EDGE_COUNTERS);
  const answered = counters.requests - counters.refused;
  return {
    ...counters,
    hitRatio: share(counters.hits, answered - counters.hits),
    byteHitRatio: share(counters.hitBytes, counters.sentBytes - counters.hitBytes),
  };
}

function isOf({ keys }: QueryRow, { edge, pop }: Keys): boolean {
  return keys.edge === edge && keys.pop === pop;
}

function rate(row: QueryRow | undefined): number | null {
  const { sentBytes = 0, reportedMs = 0 } = row?.sums ?? {};
  return reportedMs > 0 ? (sentBytes / reportedMs) * 1000 : null;
}
