import { BEACON_COUNTERS, type BeaconCounters } from '@eddy/protocol';
import type { Clock } from '../../components.js';
import type { LiveWindow } from '../live/live-window.js';
import type { InsightStore, Sums } from '../store/insight-store.js';
import type { Figures, RangeFigures, RangeName, Streams, Summary, Timeline } from './figures.js';
import { type QueryRange, rangeEndingAt } from './range.js';

export interface QueriesComponents {
  readonly store: InsightStore;
  readonly live: LiveWindow;
  /** Since the epoch. */
  readonly wallClock: Clock;
}

/** What the dashboard asks. */
export class Queries {
  readonly #components: QueriesComponents;

  constructor(components: QueriesComponents) {
    this.#components = components;
  }

  async summary(name: RangeName): Promise<Summary> {
    const { store, live, wallClock } = this.#components;
    const nowMs = wallClock.now();
    const range = rangeEndingAt(name, nowMs);
    const arms = await store.totals(range);
    return {
      range: rangeFigures(range),
      nowMs,
      live: live.figures(nowMs),
      total: figures(addUp(arms)),
      arms: arms.map((sums) => ({ arm: sums.arm, ...figures(sums) })),
    };
  }

  async timeline(name: RangeName): Promise<Timeline> {
    const range = rangeEndingAt(name, this.#components.wallClock.now());
    const buckets = await this.#components.store.series(range, range.stepMinutes);
    const byMinute = new Map(buckets.map((bucket) => [bucket.minute, bucket]));
    const points: Timeline['points'][number][] = [];
    for (let minute = range.from; minute < range.to; minute += range.stepMinutes) {
      points.push({ startMs: minute * 60_000, ...figures(byMinute.get(minute) ?? addUp([])) });
    }
    return { range: rangeFigures(range), stepSeconds: range.stepMinutes * 60, points };
  }

  async streams(name: RangeName, limit: number): Promise<Streams> {
    const { store, live, wallClock } = this.#components;
    const nowMs = wallClock.now();
    const range = rangeEndingAt(name, nowMs);
    const sums = await store.streams(range, limit);
    const viewers = live.viewersByStream(nowMs);
    return {
      range: rangeFigures(range),
      streams: sums.map((stream) => ({
        presentation: stream.presentation,
        liveViewers: viewers.get(stream.presentation) ?? 0,
        ...figures(stream),
      })),
    };
  }
}

function rangeFigures({ name, from, to }: QueryRange): RangeFigures {
  return { name, fromMs: from * 60_000, toMs: to * 60_000 };
}

type Counted = BeaconCounters & Pick<Sums, 'sessions'>;

function addUp(parts: readonly Counted[]): Counted {
  const fields: readonly (keyof Counted)[] = [...BEACON_COUNTERS, 'sessions'];
  const sums = {
    edgeBytes: 0,
    peerBytes: 0,
    uploadedBytes: 0,
    wastedBytes: 0,
    watchedMs: 0,
    rebufferMs: 0,
    rebuffers: 0,
    sessions: 0,
  };
  for (const part of parts) for (const field of fields) sums[field] += part[field];
  return sums;
}

/** Adds the shares, and leaves out what is no figure. */
function figures(sums: Counted): Figures {
  const { edgeBytes, peerBytes, uploadedBytes, wastedBytes, watchedMs, rebufferMs, rebuffers, sessions } =
    sums;
  return {
    edgeBytes,
    peerBytes,
    uploadedBytes,
    wastedBytes,
    watchedMs,
    rebufferMs,
    rebuffers,
    sessions,
    offload: share(peerBytes, edgeBytes),
    rebufferShare: share(rebufferMs, watchedMs),
  };
}

function share(part: number, rest: number): number | null {
  return part + rest > 0 ? part / (part + rest) : null;
}
