import type { CachedObject, ObjectHead } from '../cache/cached-object.js';
import type { NoStoreReason } from '../cache/freshness.js';
import type { UpstreamResponse } from '../upstream/upstream.js';
import type { UpstreamError } from '../upstream/upstream-error.js';
import type { BodyTee } from './body-tee.js';
import { worthFinishing } from './worth-finishing.js';

/** What those who wait for an object are told, once, as soon as it is known. */
export type FillOutcome =
  /** The body is on its way. */
  | { readonly is: 'streaming'; readonly head: ObjectHead; readonly freshMs: number; readonly tee: BodyTee }
  /** Whole and in the cache: a new body (200, 404), or the stale one that the origin still has (304). */
  | { readonly is: 'stored'; readonly object: CachedObject; readonly originStatus: number }
  /** Not to be shared: each goes alone. The first that wants the whole object may take this response. */
  | { readonly is: 'alone'; readonly reason: NoStoreReason; take(): UpstreamResponse | undefined }
  /** The origin answered with something else, below 500. */
  | { readonly is: 'answered'; readonly status: number; readonly location: string | undefined }
  | { readonly is: 'failed'; readonly error: UpstreamError };

/** How a fill ended, for those who need the whole body. */
export type FillEnd =
  | { readonly is: 'stored'; readonly object: CachedObject }
  /** There is no whole object and will be none: each goes alone, or gets the refusal that the outcome says. */
  | { readonly is: 'not-stored' }
  | { readonly is: 'failed'; readonly error: UpstreamError };

/** One request to the origin, and everybody who waits for it. */
export class Fill {
  readonly key: string;
  readonly path: string;
  /** Never rejects. */
  readonly outcome: Promise<FillOutcome>;
  /** Never rejects. */
  readonly ended: Promise<FillEnd>;
  readonly #abort = new AbortController();
  readonly #onAbandoned: () => void;
  #settleOutcome: (outcome: FillOutcome) => void = () => {};
  #settleEnd: (end: FillEnd) => void = () => {};
  #readers = 0;
  #tee: BodyTee | undefined;
  #totalBytes: number | undefined;
  #wanted = false;
  #doomed = false;

  constructor(key: string, path: string, onAbandoned: () => void) {
    this.key = key;
    this.path = path;
    this.#onAbandoned = onAbandoned;
    this.outcome = new Promise((resolve) => {
      this.#settleOutcome = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#settleEnd = resolve;
    });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Purged while it was under way: goes to those who wait, is never stored. */
  get doomed(): boolean {
    return this.#doomed;
  }

  doom(): void {
    this.#doomed = true;
  }

  enter(): void {
    this.#readers++;
  }

  /** The last one out ends the fill, unless it is worth finishing. */
  leave(): void {
    if (--this.#readers > 0 || this.#wanted) return;
    if (this.#tee !== undefined && worthFinishing(this.#tee.receivedBytes, this.#totalBytes)) return;
    this.#onAbandoned();
    this.#abort.abort(new Error('nobody waits for this fill any more'));
  }

  /** A HEAD wants the object, though not its bytes: the fill goes on when nobody waits. */
  finishAnyway(): void {
    this.#wanted = true;
  }

  settle(outcome: FillOutcome): void {
    if (outcome.is === 'streaming') {
      this.#tee = outcome.tee;
      this.#totalBytes = outcome.head.totalBytes;
    }
    this.#settleOutcome(outcome);
  }

  finish(end: FillEnd): void {
    this.#settleEnd(end);
  }
}
