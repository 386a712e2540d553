import { type CachePolicy, openStore } from '@eddy/edge/cache-policy';
import type { Contender } from '../../report/report.js';
import type { Trace } from '../traces/trace.js';
import { Belady, nextUses } from './belady.js';
import type { ByteCache } from './byte-cache.js';
import { LfuDa } from './lfu-da.js';
import { Sieve } from './sieve.js';
import { WTinyLfu } from './w-tiny-lfu.js';

export interface PolicyContender extends Contender {
  readonly open: (limitBytes: number, trace: Trace) => ByteCache;
}

/** The edge's own store, by the keys that the edge uses. */
class EdgeStore implements ByteCache {
  readonly #store: ReturnType<typeof openStore<number>>;
  readonly #keys: readonly string[];

  constructor(policy: CachePolicy, limitBytes: number, keys: readonly string[]) {
    this.#store = openStore<number>(policy, {}, { limitBytes });
    this.#keys = keys;
  }

  access(object: number, bytes: number): boolean {
    const key = this.#keys[object] ?? '';
    if (this.#store.get(key) !== undefined) return true;
    this.#store.set(key, object, bytes);
    return false;
  }

  get bytes(): number {
    return this.#store.bytes;
  }
}

const own = (policy: CachePolicy, name: string, setting: string): PolicyContender => ({
  ...{ name, family: name, version: 'edge/src/cache/policy', setting },
  open: (limitBytes, { keys }) => new EdgeStore(policy, limitBytes, keys),
});
const reference = (
  name: string,
  setting: string,
  open: (limitBytes: number, trace: Trace) => ByteCache,
): PolicyContender => ({
  ...{ name, family: name, version: 'bench/src/policy', setting },
  open,
});

/** The subject of the comparisons. */
export const SUBJECT = 'S3-FIFO';
export const LRU = 'LRU';

export const POLICIES: readonly PolicyContender[] = [
  own('lru', LRU, 'cache.policy lru: lru-cache'),
  own(
    's3-fifo',
    SUBJECT,
    'cache.policy s3-fifo: 15% for newcomers, names of as many bytes as the rest holds',
  ),
  reference('SIEVE', 'one queue, one hand', (limitBytes) => new Sieve(limitBytes)),
  reference(
    'W-TinyLFU',
    'window 10%, segmented main, sketch with ageing and doorkeeper, admission by uses per byte',
    (limitBytes) => new WTinyLfu(limitBytes),
  ),
  reference('LFU-DA', 'uses + age, sizes not counted: aims at bytes', (limitBytes) => new LfuDa(limitBytes)),
  reference(
    'knows the future',
    'farthest next use leaves, newcomers included (Belady with bypass); the optimum for sizes that differ is NP-hard',
    (limitBytes, trace) => new Belady(limitBytes, futureOf(trace)),
  ),
];

const futures = new WeakMap<Trace, Float64Array>();

function futureOf(trace: Trace): Float64Array {
  const known = futures.get(trace) ?? nextUses(trace.objects, trace.keys.length);
  futures.set(trace, known);
  return known;
}
