import { type CachePolicy, openStore } from '@eddy/edge/cache-policy';
import { createPrefetcher, type PrefetchStats } from '@eddy/edge/prefetch';
import { Heap } from '../contenders/heap.js';
import { normal, seededRandom } from '../traces/random.js';
import type { Trace } from '../traces/trace.js';

export interface AheadOptions {
  readonly policy: CachePolicy;
  readonly limitBytes: number;
  /** Segments fetched ahead; 0 for none. */
  readonly segments: number;
  /** Median of the origin's time to the first byte. */
  readonly firstByteMs: number;
  readonly seed: number;
}

export interface AheadResult {
  /** Waiting for the first byte of a segment, milliseconds, sorted. */
  readonly waitsMs: Float64Array;
  readonly originBytes: number;
  readonly stats: PrefetchStats;
}

/** Deviation of the logarithm of the origin's first byte. */
const FIRST_BYTE_DEVIATION = 0.5;
/** The link is shared: bodies follow one another at a gigabit a second. */
const LINK_BYTES_PER_MS = 1e9 / 8 / 1000;
const BOUNDS = { maxFills: 8, maxViewerFills: 16, bytesPerSecond: 16 * 2 ** 20, minUsePercent: 50 };

/** The edge's own prefetcher and store before a simulated origin, under the trace's clock. */
export function simulateAhead(trace: Trace, options: AheadOptions): AheadResult {
  const { keys, bytes, objects, atMs } = trace;
  const random = seededRandom(options.seed);
  const store = openStore<object>(options.policy, {}, { limitBytes: options.limitBytes });
  const numbers = new Map(keys.map((key, number) => [key, number]));
  const filling = new Map<number, Filling>();
  const ends = new Heap();
  let now = 0;
  let linkFreeMs = 0;
  let originBytes = 0;

  const prefetcher = createPrefetcher(
    {
      clock: { now: () => now },
      isHeld: (path) => store.peek(path) !== undefined || filling.has(numbers.get(path) ?? -1),
      fill: (path, _range, ended) => void begin(numbers.get(path) ?? 0, ended),
      fillsInFlight: () => filling.size,
      originIsWell: () => true,
    },
    { ...BOUNDS, segments: options.segments },
  );

  function begin(object: number, ended?: (came: number) => void): Filling {
    const size = bytes[object] ?? 0;
    const answered = now + options.firstByteMs * Math.exp(FIRST_BYTE_DEVIATION * normal(random));
    const fill = { firstByteMs: Math.max(answered, linkFreeMs), ended };
    linkFreeMs = fill.firstByteMs + size / LINK_BYTES_PER_MS;
    originBytes += size;
    filling.set(object, fill);
    ends.push(object, linkFreeMs);
    return fill;
  }

  function endUntil(untilMs: number): void {
    for (let next = ends.pop(); next !== undefined; next = ends.pop()) {
      if (next.priority > untilMs) {
        ends.push(next.item, next.priority);
        return;
      }
      now = next.priority;
      const fill = filling.get(next.item);
      filling.delete(next.item);
      const key = keys[next.item] ?? '';
      store.set(key, fill ?? {}, (bytes[next.item] ?? 0) + 1400);
      prefetcher.onStored(key, bodyOf(trace, next.item));
      fill?.ended?.(bytes[next.item] ?? 0);
    }
  }

  const waits: number[] = [];
  for (const [index, object] of objects.entries()) {
    const at = atMs[index] ?? 0;
    endUntil(at);
    now = at;
    const key = keys[object] ?? '';
    const held = store.get(key) !== undefined;
    const fill = held ? undefined : (filling.get(object) ?? begin(object));
    if (!key.endsWith('.m3u8')) waits.push(fill === undefined ? 0 : Math.max(0, fill.firstByteMs - at));
    prefetcher.onRequest(key);
  }
  return { waitsMs: Float64Array.from(waits).sort(), originBytes, stats: prefetcher.stats };
}

interface Filling {
  readonly firstByteMs: number;
  readonly ended: ((came: number) => void) | undefined;
}

/** A playlist as text; the body of a segment only has its length, without memory for it. */
function bodyOf({ keys, bytes, following }: Trace, object: number): Buffer {
  const key = keys[object] ?? '';
  if (!key.endsWith('.m3u8')) return Buffer.from(EMPTY, 0, Math.min(EMPTY.byteLength, bytes[object] ?? 0));
  const lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:4'];
  // `addRendition` puts a playlist before its segments.
  for (let segment = object + 1; segment >= 0; segment = following[segment] ?? -1) {
    lines.push('#EXTINF:4,', keys[segment]?.slice(key.lastIndexOf('/') + 1) ?? '');
  }
  return Buffer.from([...lines, '#EXT-X-ENDLIST', ''].join('\n'));
}

/** Larger than any segment. */
const EMPTY = new ArrayBuffer(32 * 2 ** 20);
