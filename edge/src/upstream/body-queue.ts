import type { Timers } from '../components.js';
import type { UpstreamBody } from './upstream.js';
import { UpstreamError } from './upstream-error.js';

/** What a body comes from, and how to slow it down. */
export interface BodySource {
  pause(): void;
  resume(): void;
  /** Ends the connection. */
  abort(reason: Error): void;
}

interface BodyQueueOptions {
  /** As declared. Undefined: not known. */
  readonly totalBytes: number | undefined;
}

/** Held for a slow reader before the connection is told to wait. Two reads of a socket. */
const HIGH_BYTES = 128 * 1024;
/** A rest this short is read away, so that its connection can be used again: cheaper than a new one. */
const DRAIN_BYTES = 64 * 1024;
const DRAIN_MS = 1000;

type End = { readonly is: 'open' | 'done' } | { readonly is: 'failed'; readonly error: unknown };

/** A body that a connection pushes and a reader pulls, without Node's streams between them. */
export class BodyQueue implements UpstreamBody {
  readonly #source: BodySource;
  readonly #timers: Timers;
  readonly #totalBytes: number | undefined;
  readonly #chunks: Buffer[] = [];
  #heldBytes = 0;
  #receivedBytes = 0;
  #paused = false;
  /** How the connection ended. What it brought before is still read. */
  #end: End = { is: 'open' };
  #discarded = false;
  #wake: (() => void) | undefined;
  #stopDraining: (() => void) | undefined;

  constructor(
    { source, timers }: { readonly source: BodySource; readonly timers: Timers },
    { totalBytes }: BodyQueueOptions,
  ) {
    this.#source = source;
    this.#timers = timers;
    this.#totalBytes = totalBytes;
  }

  push(chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    if (this.#discarded) {
      // Longer than it was declared to be: there is no rest that would end soon.
      if (!this.#restIsShort()) this.#source.abort(discarded());
      return;
    }
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= HIGH_BYTES && !this.#paused) {
      this.#paused = true;
      this.#source.pause();
    }
    this.#rouse();
  }

  end(): void {
    this.#finish({ is: 'done' });
  }

  fail(error: unknown): void {
    this.#finish({ is: 'failed', error });
  }

  /** Ends at once, with nothing more to read. */
  cancel(error: unknown): void {
    this.#drop();
    this.#finish({ is: 'failed', error });
  }

  discard(): void {
    if (this.#discarded) return;
    this.#discarded = true;
    const wasOpen = this.#end.is === 'open';
    this.#drop();
    if (wasOpen && this.#restIsShort()) {
      this.#stopDraining = this.#timers.after(DRAIN_MS, () => this.#source.abort(discarded()));
      this.#source.resume();
    } else if (wasOpen) {
      this.#source.abort(discarded());
    }
    this.#rouse();
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.discard();
        return { done: true, value: undefined };
      },
    };
  }

  async #next(): Promise<IteratorResult<Buffer>> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#heldBytes -= chunk.length;
        if (this.#paused && this.#heldBytes < HIGH_BYTES) {
          this.#paused = false;
          this.#source.resume();
        }
        return { done: false, value: chunk };
      }
      if (this.#end.is === 'done') return { done: true, value: undefined };
      if (this.#end.is === 'failed') throw this.#end.error;
      if (this.#discarded) throw discarded();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #restIsShort(): boolean {
    if (this.#totalBytes === undefined) return false;
    const rest = this.#totalBytes - this.#receivedBytes;
    return rest >= 0 && rest <= DRAIN_BYTES;
  }

  #finish(end: End): void {
    this.#stopDraining?.();
    if (this.#end.is === 'open') this.#end = end;
    this.#rouse();
  }

  #drop(): void {
    this.#chunks.length = 0;
    this.#heldBytes = 0;
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function discarded(): UpstreamError {
  return new UpstreamError('origin-cut', 'discarded');
}
