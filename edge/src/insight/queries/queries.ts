import { ARMS, type Arm } from '@eddy/protocol';
import type { Clock } from '../../components.js';
import { InsightError } from '../errors.js';
import type { LiveWindow } from '../live/live-window.js';
import type { Measure } from '../measures/measures.js';
import type {
  CubeQuery,
  InsightStore,
  Keys,
  PlayerCube,
  QueryRow,
  RowPosition,
} from '../store/insight-store.js';
import type { Audience, Integrity, Quality, RangeFigures, Streams, Summary, Timeline } from './figures.js';
import { grainOfStep, ofOneStream, ofWholeCube, type QueryRange, widened } from './range.js';
import {
  addUp,
  FIGURE_COUNTERS,
  figures,
  MISMATCHES,
  mismatches,
  pick,
  QUALITY_MEASURES,
  quality,
} from './sums.js';

export interface QueriesComponents {
  readonly store: InsightStore;
  readonly live: LiveWindow;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly unreportedBytes: () => number;
}

/** What a question may be narrowed to: figures are kept by stream and PoP, or by who watches. */
export type Filter = Pick<Keys, 'stream' | 'pop'>;
export type AudienceFilter = Pick<Keys, 'region' | 'network' | 'device'>;
export type AnyFilter = Filter & AudienceFilter & Pick<Keys, 'arm'>;

/** A part of a list. */
export interface Page {
  readonly limit: number;
  readonly after?: RowPosition | undefined;
}

const LARGEST_INTEGRITY = 20;
const LARGEST_AUDIENCE = 200;
const ACCUSATIONS = ['accusations', 'disputedViewers'] as const;

/** What the dashboard asks. */
export class Queries {
  readonly #components: QueriesComponents;

  constructor(components: QueriesComponents) {
    this.#components = components;
  }

  async summary(asked: QueryRange, filter: AnyFilter = {}): Promise<Summary> {
    const range = readable(asked, filter);
    const nowMs = this.#components.wallClock.now();
    const arms = await this.#ask(range, filter, { by: ['arm'], measures: FIGURE_COUNTERS });
    return {
      range: rangeFigures(range),
      nowMs,
      live: await this.#live(nowMs, filter),
      total: figures(addUp(arms)),
      arms: arms.map(({ keys, sums }) => ({ arm: armOf(keys), ...figures(sums) })),
    };
  }

  async timeline(asked: QueryRange, filter: AnyFilter = {}): Promise<Timeline> {
    const range = readable(asked, filter);
    const { stepMinutes } = range;
    const rows = await this.#ask(range, filter, { by: [], measures: FIGURE_COUNTERS, stepMinutes });
    const byMinute = new Map(rows.map(({ minute, sums }) => [minute, sums]));
    const points: Timeline['points'][number][] = [];
    for (let minute = range.from; minute < range.to; minute += stepMinutes) {
      // Buckets are aligned to the epoch; a range's ends are too, where its step divides them.
      const bucket = minute - (minute % stepMinutes);
      points.push({ startMs: minute * 60_000, ...figures(byMinute.get(bucket) ?? {}) });
    }
    return { range: rangeFigures(range), stepSeconds: stepMinutes * 60, points };
  }

  /** `last` is where the next page begins; undefined: there is none. */
  async streams(
    range: QueryRange,
    { limit, after }: Page,
    filter: Filter = {},
  ): Promise<{ readonly answer: Omit<Streams, 'nextCursor'>; readonly last: RowPosition | undefined }> {
    const { store, live, wallClock } = this.#components;
    const wide = widened(range);
    const by = ['edgeBytes', 'peerBytes'] as const;
    const rows = await store.query({
      ...{ ...wide, cube: 'stream', by: ['stream'], where: filter },
      ...{ measures: FIGURE_COUNTERS, largest: { by, limit: limit + 1 } },
      ...(after === undefined ? {} : { after }),
    });
    const nowMs = wallClock.now();
    const viewers = live.viewersByStream(nowMs);
    const spanMs = Math.max(60_000, Math.min(wide.to * 60_000, nowMs) - wide.from * 60_000);
    const shown = rows.slice(0, limit);
    return {
      answer: {
        range: rangeFigures({ ...range, ...wide }),
        streams: shown.map(({ keys: { stream = '' }, sums }) => ({
          presentation: stream,
          liveViewers: viewers.get(stream) ?? 0,
          meanViewers: ((sums.watchedMs ?? 0) + (sums.rebufferMs ?? 0)) / spanMs,
          ...figures(sums),
        })),
      },
      last: rows.length > limit ? positionOf(shown.at(-1), by) : undefined,
    };
  }

  async quality(asked: QueryRange, filter: AnyFilter = {}): Promise<Quality> {
    const range = readable(asked, filter);
    const arms = await this.#ask(range, filter, { by: ['arm'], measures: QUALITY_MEASURES });
    return {
      range: rangeFigures(range),
      arms: arms.map(({ keys, sums }) => ({ arm: armOf(keys), ...quality(sums) })),
    };
  }

  async audience(range: QueryRange, by: Audience['by'], where: AudienceFilter = {}): Promise<Audience> {
    const wide = widened(range);
    const rows = await this.#components.store.query({
      ...{ ...wide, cube: 'audience', by: [by], where },
      measures: [...FIGURE_COUNTERS, 'peerNetworkBytes', 'peerRegionBytes'],
      largest: { by: ['watchedMs'], limit: LARGEST_AUDIENCE },
    });
    return {
      range: rangeFigures({ ...range, ...wide }),
      by,
      parts: rows.map(({ keys, sums }) => ({
        key: keys[by] ?? '',
        peerNetworkBytes: sums.peerNetworkBytes ?? 0,
        peerRegionBytes: sums.peerRegionBytes ?? 0,
        ...figures(sums),
      })),
    };
  }

  async integrity(asked: QueryRange, filter: Filter = {}): Promise<Integrity> {
    const { store, unreportedBytes } = this.#components;
    const range = readable(asked, filter);
    const total = await this.#ask(range, filter, { by: [], measures: MISMATCHES });
    const streams = await store.query({
      ...{ ...widened(range), cube: 'stream', by: ['stream'], measures: MISMATCHES, where: filter },
      largest: { by: ['unsentBytes', 'unclaimedBytes', 'unmatchedPeerBytes'], limit: LARGEST_INTEGRITY },
    });
    const { from, to, stepMinutes } = range;
    const counted = await store.query({
      ...{ cube: 'edge', by: [], measures: ACCUSATIONS, from, to, grain: grainOfStep(stepMinutes) },
      where: filter.pop === undefined ? {} : { pop: filter.pop },
    });
    return {
      range: rangeFigures(range),
      total: mismatches(addUp(total)),
      streams: streams.map(({ keys, sums }) => ({ presentation: keys.stream ?? '', ...mismatches(sums) })),
      swarm: pick(addUp(counted), ACCUSATIONS),
      unreportedBytes: unreportedBytes(),
    };
  }

  /** All who watch are known by the second; a part of them by the last whole minute that was stored. */
  async #live(nowMs: number, filter: AnyFilter): Promise<Summary['live']> {
    const { live, store } = this.#components;
    if (Object.keys(filter).length === 0) return live.figures(nowMs);
    const minute = Math.floor(nowMs / 60_000);
    const rows = await store.query({
      ...{ cube: cubeOf(filter), grain: 'minute', from: minute - 1, to: minute, by: [], where: filter },
      measures: FIGURE_COUNTERS,
    });
    const { edgeBytes = 0, peerBytes = 0, watchedMs = 0, rebufferMs = 0 } = addUp(rows);
    const viewers = Math.round((watchedMs + rebufferMs) / 60_000);
    return { viewers, edgeBytesPerSecond: edgeBytes / 60, peerBytesPerSecond: peerBytes / 60 };
  }

  /** Of the smallest cube that has what is asked for. */
  #ask(
    range: QueryRange,
    filter: AnyFilter,
    query: Pick<CubeQuery, 'by' | 'measures' | 'stepMinutes'>,
  ): Promise<QueryRow[]> {
    const { from, to, stepMinutes } = range;
    const grain = grainOfStep(stepMinutes);
    return this.#components.store.query({ ...query, cube: cubeOf(filter), grain, from, to, where: filter });
  }
}

/** @throws InsightError `bad-query` */
function cubeOf({ stream, pop, arm: _, ...audience }: AnyFilter): PlayerCube {
  const byAudience = Object.values(audience).some((key) => key !== undefined);
  if (!byAudience) return stream === undefined ? 'total' : 'stream';
  if (stream === undefined && pop === undefined) return 'audience';
  throw new InsightError(
    'bad-query',
    'stream and pop cannot be combined with region, network and device: figures are kept by one or by the other',
  );
}

/** In steps that can be read quickly. */
function readable(range: QueryRange, filter: AnyFilter): QueryRange {
  const cube = cubeOf(filter);
  if (cube === 'total') return range;
  return cube === 'stream' ? ofOneStream(range) : ofWholeCube(range);
}

/** Where a row stands among the largest. */
export function positionOf(row: QueryRow | undefined, by: readonly Measure[]): RowPosition | undefined {
  if (row === undefined) return undefined;
  const sum = by.reduce((total, measure) => total + (row.sums[measure] ?? 0), 0);
  return { sum, keys: row.keys };
}

export function rangeFigures({ name, from, to }: QueryRange): RangeFigures {
  return { name: name ?? null, fromMs: from * 60_000, toMs: to * 60_000 };
}

function armOf({ arm }: Keys): Arm {
  return ARMS.find((known) => known === arm) ?? 'treated';
}
