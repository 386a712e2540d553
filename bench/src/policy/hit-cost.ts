import { openStore } from '@eddy/edge/cache-policy';
import { LRUCache } from 'lru-cache';
import { LRU, SUBJECT } from './contenders/line-up.js';
import { seededRandom, zipf } from './traces/random.js';

const HELD = 20_000;
const BATCH = 200_000;

export interface HitCost {
  readonly contender: string;
  readonly nsPerGet: number;
}

/** What one hit costs each store that the edge can use, beside lru-cache itself: `get` of what is held, Zipf 0.9. */
export function measureHitCost(seed: number): HitCost[] {
  const random = seededRandom(seed);
  const draw = zipf(HELD, 0.9);
  const keys = Array.from({ length: HELD }, (_, at) => `/vod/title-${at % 200}/1080p/segment-${at}.m4s`);
  // Requests bring strings of their own, whose hash is not yet known.
  const asked = Array.from({ length: BATCH }, () => Buffer.from(keys[draw(random)] ?? '').toString('latin1'));
  const bare = new LRUCache<string, object>({ maxSize: 2 * HELD, sizeCalculation: () => 1 });
  const stores = [
    { contender: 'lru-cache itself', store: bare, put: (key: string) => bare.set(key, {}) },
    ...(
      [
        [LRU, 'lru'],
        [SUBJECT, 's3-fifo'],
      ] as const
    ).map(([contender, policy]) => {
      const store = openStore<object>(policy, {}, { limitBytes: 2 * HELD });
      return { contender, store, put: (key: string) => store.set(key, {}, 1) };
    }),
  ];
  for (const { put } of stores) for (const key of keys) put(key);
  const best = stores.map(() => Number.POSITIVE_INFINITY);
  // In turns, so that the compiler treats all alike; the first passes are its own, the least disturbed one counts.
  for (let pass = 0; pass < 10; pass++) {
    for (const [index, { contender, store }] of stores.entries()) {
      const startMs = performance.now();
      let found = 0;
      for (const key of asked) if (store.get(key) !== undefined) found++;
      const ns = ((performance.now() - startMs) * 1e6) / BATCH;
      if (found !== BATCH) throw new RangeError(`${contender} found ${found} of ${BATCH}`);
      best[index] = Math.min(best[index] ?? ns, ns);
    }
  }
  return stores.map(({ contender }, index) => ({ contender, nsPerGet: best[index] ?? 0 }));
}
