import {
  type InsightStore,
  LiveWindow,
  Queries,
  RANGE_NAMES,
  rangeEndingAt,
  readPrices,
  savings,
} from '@eddy/edge/insight';
import { END_MINUTE, streamName } from './filling.js';

export interface AskedView {
  readonly view: string;
  readonly range: string;
  /** Each time it was asked. */
  readonly ms: readonly number[];
}

/** Asks everything that the dashboard asks, `times` in a row, over every range; the worst time counts. */
export async function askViews(store: InsightStore, times: number): Promise<AskedView[]> {
  // In the last hour of what is filled.
  const nowMs = (END_MINUTE - 1) * 60_000;
  const queries = new Queries({
    store,
    live: new LiveWindow({ maxSessions: 10 }),
    wallClock: { now: () => nowMs },
    unreportedBytes: () => 0,
  });
  const prices = await readPrices();
  const asked: AskedView[] = [];
  for (const name of RANGE_NAMES) {
    const range = rangeEndingAt(name, nowMs);
    const one = { stream: streamName(7) };
    const views: Record<string, () => Promise<unknown>> = {
      summary: () => queries.summary(range),
      timeline: () => queries.timeline(range),
      'streams, top 100': () => queries.streams(range, { limit: 100 }),
      quality: () => queries.quality(range),
      'audience by network': () => queries.audience(range, 'network'),
      integrity: () => queries.integrity(range),
      savings: () => savings({ store, prices }, range, {}, undefined),
      'one stream: timeline': () => queries.timeline(range, one),
      'one stream: quality': () => queries.quality(range, one),
      'one stream: savings': () => savings({ store, prices }, range, one, undefined),
    };
    for (const [view, ask] of Object.entries(views)) {
      const ms: number[] = [];
      for (let time = 0; time < times; time++) {
        const started = performance.now();
        await ask();
        ms.push(performance.now() - started);
      }
      asked.push({ view, range: name, ms });
    }
  }
  return asked;
}
