import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Garbage that may pile up in each thread before it is collected. */
export const SHARED_GARBAGE_BYTES: number = 64 * 1024 * 1024;

/**
 * V8 does not count shared memory as pressure, so dropped bodies would stay for good in a thread whose own heap is
 * quiet (1.75 GiB after 6 s of churn within a cache of 64 MiB). Each thread counts what it drops and collects by itself.
 */
export class SharedGarbage {
  readonly #collect: () => void;
  #droppedBytes = 0;

  constructor({ collect }: { readonly collect: () => void }) {
    this.#collect = collect;
  }

  dropped(bytes: number): void {
    this.#droppedBytes += bytes;
    if (this.#droppedBytes < SHARED_GARBAGE_BYTES) return;
    this.#droppedBytes = 0;
    // In its own turn: whoever dropped it may still hold it.
    setImmediate(this.#collect);
  }
}

/** A full collection of this thread's heap. */
export function threadCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  return typeof collect === 'function' ? () => void Reflect.apply(collect, undefined, []) : () => {};
}
