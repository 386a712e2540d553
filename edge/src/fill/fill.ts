import type { FieldList } from '../cache/fields.js';
import type { NoStoreReason } from '../cache/storability.js';
import type { Lifetime, ResponseHead, StoredResponse } from '../cache/stored-response.js';
import type { UpstreamResponse } from '../upstream/upstream.js';
import type { UpstreamError } from '../upstream/upstream-error.js';
import type { BodyTee } from './body-tee.js';
import type { LentBody } from './lent-body.js';
import { worthFinishing } from './worth-finishing.js';

/** The body is on its way. */
export interface Streaming {
  readonly is: 'streaming';
  readonly head: ResponseHead;
  readonly lifetime: Lifetime;
  readonly vary: readonly string[];
  readonly tee: BodyTee;
  /** Whether it will be in the cache, too. */
  readonly kept: boolean;
  /** False: only for the request that asked for it (`no-cache`); the others ask themselves. */
  readonly shared: boolean;
}

/** What those who wait for an object are told, once, as soon as it is known. */
export type FillOutcome =
  | Streaming
  /** Whole: a new response, or the stale one that the origin still has (`originStatus` 304), or one from disk. */
  | {
      readonly is: 'ready';
      readonly object: StoredResponse;
      /** Undefined: the origin was not asked. */
      readonly originStatus: number | undefined;
      readonly kept: boolean;
      /** Where the object's body is read while it is sent. Begin before the turn of the event loop ends. */
      readonly lent?: LentBody | undefined;
    }
  /** Not to be shared: each goes alone. The first that wants the whole object may take this response. */
  | { readonly is: 'alone'; readonly reason: NoStoreReason; take(): UpstreamResponse | undefined }
  /** A store of files answered with something that is no object, below 500. */
  | { readonly is: 'answered'; readonly status: number; readonly location: string | undefined }
  | { readonly is: 'failed'; readonly error: UpstreamError };

/** How a fill ended, for those who need the whole body. */
export type FillEnd =
  | { readonly is: 'stored'; readonly object: StoredResponse }
  /** There is no whole object and will be none: each goes alone, or gets the refusal that the outcome says. */
  | { readonly is: 'not-stored' }
  | { readonly is: 'failed'; readonly error: UpstreamError };

/** What is filled, and in whose words the origin is asked. */
export interface FillSubject {
  readonly key: string;
  readonly path: string;
  /** Request fields of the first who asked: those that `Vary` names decide who may share its answer. */
  readonly fields: FieldList;
}

/** Whether a purge means an object with these names. */
export type PurgeMatch = (subject: { readonly path: string; readonly tags: readonly string[] }) => boolean;

/** One request to the origin, and everybody who waits for it. */
export class Fill {
  readonly key: string;
  readonly path: string;
  readonly fields: FieldList;
  /** Never rejects. */
  readonly outcome: Promise<FillOutcome>;
  /** Never rejects. */
  readonly ended: Promise<FillEnd>;
  readonly #abort = new AbortController();
  readonly #onAbandoned: () => void;
  readonly #purges: PurgeMatch[] = [];
  #settleOutcome: (outcome: FillOutcome) => void = () => {};
  #settleEnd: (end: FillEnd) => void = () => {};
  #readers = 0;
  #settled: FillOutcome | undefined;
  #tee: BodyTee | undefined;
  #totalBytes: number | undefined;
  #wanted = false;

  constructor({ key, path, fields }: FillSubject, onAbandoned: () => void) {
    this.key = key;
    this.path = path;
    this.fields = fields;
    this.#onAbandoned = onAbandoned;
    this.outcome = new Promise((resolve) => {
      this.#settleOutcome = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#settleEnd = resolve;
    });
  }

  /** The outcome, once it is known: who comes then need not wait for it. */
  get settled(): FillOutcome | undefined {
    return this.#settled;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether a purge has met it while it was under way: then it goes to those who wait and is never stored. */
  isPurged(tags: readonly string[]): boolean {
    return this.#purges.some((matches) => matches({ path: this.path, tags }));
  }

  /** Its tags are not known before it is here, so every purge is remembered until then. */
  onPurge(matches: PurgeMatch): void {
    this.#purges.push(matches);
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

  /** Whether anybody waits or not: a HEAD, a revalidation in the background and a prefetch want the object itself. */
  finishAnyway(): void {
    this.#wanted = true;
  }

  settle(outcome: FillOutcome): void {
    if (outcome.is === 'streaming') {
      this.#tee = outcome.tee;
      this.#totalBytes = outcome.head.totalBytes;
    }
    this.#settled ??= outcome;
    this.#settleOutcome(outcome);
  }

  finish(end: FillEnd): void {
    this.#settleEnd(end);
  }
}
