import { LRUCache } from 'lru-cache';
import type { ByteCache } from './byte-cache.js';
import { FrequencySketch } from './frequency-sketch.js';

/** Of 1%, 10% and 30% the best compromise: with 1% half of the live hits are lost. */
const WINDOW_SHARE = 0.1;
const PROTECTED_SHARE = 0.8;
/** Segments are around a mebibyte; the sample is ten times what fits. */
const TYPICAL_BYTES = 2 ** 20;

/**
 * W-TinyLFU (Einziger et al., 2017) for sizes that differ: newcomers live in an LRU window; what falls out of it
 * enters the segmented main LRU only if it was used more often than the bytes that would have to leave.
 */
export class WTinyLfu implements ByteCache {
  readonly #window: LRUCache<number, number>;
  readonly #probation: LRUCache<number, number>;
  readonly #protected: LRUCache<number, number>;
  readonly #sketch: FrequencySketch;
  readonly #mainBytes: number;

  constructor(limitBytes: number) {
    const windowBytes = Math.floor(limitBytes * WINDOW_SHARE);
    this.#mainBytes = limitBytes - windowBytes;
    this.#window = bytesLru(windowBytes, (object, bytes) => this.#offer(object, bytes));
    this.#probation = bytesLru(this.#mainBytes, () => {});
    this.#protected = bytesLru(Math.floor(this.#mainBytes * PROTECTED_SHARE), (object, bytes) =>
      this.#probation.set(object, bytes),
    );
    const fits = limitBytes / TYPICAL_BYTES;
    this.#sketch = new FrequencySketch({ slots: 8 * fits, sampleUses: Math.max(1000, 10 * fits) });
  }

  access(object: number, bytes: number): boolean {
    this.#sketch.add(object);
    if (this.#protected.get(object) !== undefined) return true;
    if (this.#probation.peek(object) !== undefined) {
      this.#probation.delete(object);
      this.#protected.set(object, bytes);
      return true;
    }
    if (this.#window.get(object) !== undefined) return true;
    if (bytes <= this.#window.maxSize) this.#window.set(object, bytes);
    else this.#offer(object, bytes);
    return false;
  }

  #offer(object: number, bytes: number): void {
    const needed = this.bytes - this.#window.calculatedSize + bytes - this.#mainBytes;
    const victims: number[] = [];
    let freed = 0;
    let worth = 0;
    for (const queue of [this.#probation, this.#protected]) {
      for (const victim of queue.rkeys()) {
        if (freed >= needed) break;
        const weight = queue.peek(victim) ?? 0;
        victims.push(victim);
        freed += weight;
        worth += weight * this.#sketch.estimate(victim);
      }
    }
    if (freed < needed || (victims.length > 0 && this.#sketch.estimate(object) <= worth / freed)) return;
    for (const victim of victims) if (!this.#probation.delete(victim)) this.#protected.delete(victim);
    this.#probation.set(object, bytes);
  }

  get bytes(): number {
    return this.#window.calculatedSize + this.#probation.calculatedSize + this.#protected.calculatedSize;
  }
}

function bytesLru(
  maxSize: number,
  onEvict: (object: number, bytes: number) => void,
): LRUCache<number, number> {
  return new LRUCache<number, number>({
    maxSize,
    sizeCalculation: (bytes) => bytes,
    dispose: (bytes, object, reason) => {
      if (reason === 'evict') onEvict(object, bytes);
    },
  });
}
