import type { ByteCache } from './contenders/byte-cache.js';
import type { Trace } from './traces/trace.js';

/** What `sizeInMemory` of the edge adds to a body: strings, tables, a name of 45 characters. */
const OVERHEAD_BYTES = 1_400;
/** The first quarter fills the cache and does not count. */
const WARM_UP_SHARE = 0.25;

export interface Replayed {
  readonly byteHits: number;
  readonly objectHits: number;
  /** Of the whole replay, misses and evictions included. */
  readonly nsPerAccess: number;
}

/** Sends all requests of the trace through the cache. Throws RangeError where it held more than `limitBytes`. */
export function replay(trace: Trace, cache: ByteCache, limitBytes: number): Replayed {
  const { objects, bytes } = trace;
  const counted = Math.floor(objects.length * WARM_UP_SHARE);
  let hits = 0;
  let hitBytes = 0;
  let allBytes = 0;
  const startMs = performance.now();
  for (const [at, object] of objects.entries()) {
    const size = (bytes[object] ?? 0) + OVERHEAD_BYTES;
    const hit = cache.access(object, size);
    if (at < counted) continue;
    allBytes += size;
    if (!hit) continue;
    hits++;
    hitBytes += size;
  }
  const nsPerAccess = ((performance.now() - startMs) * 1e6) / Math.max(1, objects.length);
  if (cache.bytes > limitBytes)
    throw new RangeError(`${cache.bytes} bytes are held, ${limitBytes} are allowed`);
  return {
    byteHits: hitBytes / Math.max(1, allBytes),
    objectHits: hits / Math.max(1, objects.length - counted),
    nsPerAccess,
  };
}
