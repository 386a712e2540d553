import { ARMS, type Arm } from '@eddy/protocol';
import type { Clock } from '../../components.js';
import type { LiveWindow } from '../live/live-window.js';
import type { CubeQuery, InsightStore, Keys, QueryRow } from '../store/insight-store.js';
import type { Audience, Integrity, Quality, RangeFigures, Streams, Summary, Timeline } from './figures.js';
import { grainOfStep, ofOneStream, type QueryRange, widened } from './range.js';
import {
  addUp,
  FIGURE_COUNTERS,
  figures,
  MISMATCHES,
  mismatches,
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

/** What a question may be narrowed to. */
export type Filter = Pick<Keys, 'stream' | 'pop'>;

const LARGEST_INTEGRITY = 20;
const LARGEST_AUDIENCE = 200;

/** What the dashboard asks. */
export class Queries {
  readonly #components: QueriesComponents;

  constructor(components: QueriesComponents) {
    this.#components = components;
  }

  async summary(asked: QueryRange, filter: Filter = {}): Promise<Summary> {
    const range = readable(asked, filter);
    const { live, wallClock } = this.#components;
    const nowMs = wallClock.now();
    const arms = await this.#ask(range, filter, { by: ['arm'], measures: FIGURE_COUNTERS });
    return {
      range: rangeFigures(range),
      nowMs,
      live: live.figures(nowMs),
      total: figures(addUp(arms)),
      arms: arms.map(({ keys, sums }) => ({ arm: armOf(keys), ...figures(sums) })),
    };
  }

  async timeline(asked: QueryRange, filter: Filter = {}): Promise<Timeline> {
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

  async streams(range: QueryRange, limit: number, filter: Filter = {}): Promise<Streams> {
    const { store, live, wallClock } = this.#components;
    const wide = widened(range);
    const rows = await store.query({
      ...{ ...wide, cube: 'stream', by: ['stream'], where: filter },
      measures: FIGURE_COUNTERS,
      largest: { by: ['edgeBytes', 'peerBytes'], limit },
    });
    const viewers = live.viewersByStream(wallClock.now());
    return {
      range: rangeFigures({ ...range, ...wide }),
      streams: rows.map(({ keys: { stream = '' }, sums }) => ({
        presentation: stream,
        liveViewers: viewers.get(stream) ?? 0,
        ...figures(sums),
      })),
    };
  }

  async quality(asked: QueryRange, filter: Filter = {}): Promise<Quality> {
    const range = readable(asked, filter);
    const arms = await this.#ask(range, filter, { by: ['arm'], measures: QUALITY_MEASURES });
    return {
      range: rangeFigures(range),
      arms: arms.map(({ keys, sums }) => ({ arm: armOf(keys), ...quality(sums) })),
    };
  }

  async audience(range: QueryRange, by: Audience['by']): Promise<Audience> {
    const wide = widened(range);
    const rows = await this.#components.store.query({
      ...{ ...wide, cube: 'audience', by: [by] },
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

  async integrity(range: QueryRange): Promise<Integrity> {
    const { store, unreportedBytes } = this.#components;
    const total = await this.#ask(range, {}, { by: [], measures: MISMATCHES });
    const streams = await store.query({
      ...{ ...widened(range), cube: 'stream', by: ['stream'], measures: MISMATCHES },
      largest: { by: ['unsentBytes', 'unclaimedBytes', 'unmatchedPeerBytes'], limit: LARGEST_INTEGRITY },
    });
    return {
      range: rangeFigures(range),
      total: mismatches(addUp(total)),
      streams: streams.map(({ keys, sums }) => ({ presentation: keys.stream ?? '', ...mismatches(sums) })),
      unreportedBytes: unreportedBytes(),
    };
  }

  /** Of the smallest cube that has what is asked for. */
  #ask(
    range: QueryRange,
    filter: Filter,
    query: Pick<CubeQuery, 'by' | 'measures' | 'stepMinutes'>,
  ): Promise<QueryRow[]> {
    const { from, to, stepMinutes } = range;
    const grain = grainOfStep(stepMinutes);
    const cube = filter.stream === undefined ? 'total' : 'stream';
    return this.#components.store.query({ ...query, cube, grain, from, to, where: filter });
  }
}

/** In steps that can be read quickly. */
function readable(range: QueryRange, { stream }: Filter): QueryRange {
  return stream === undefined ? range : ofOneStream(range);
}

export function rangeFigures({ name, from, to }: QueryRange): RangeFigures {
  return { name: name ?? null, fromMs: from * 60_000, toMs: to * 60_000 };
}

function armOf({ arm }: Keys): Arm {
  return ARMS.find((known) => known === arm) ?? 'treated';
}
