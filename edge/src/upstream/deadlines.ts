import type { Timers } from '../components.js';
import type { Upstream, UpstreamBody, UpstreamRequest, UpstreamResponse } from './upstream.js';
import { UpstreamError } from './upstream-error.js';

export interface DeadlineOptions {
  /** From request to response head. */
  readonly firstByteMs: number;
  /** The same for a playlist reload that the origin holds until there is news. Default: `firstByteMs`. */
  readonly heldMs?: number;
  /** For each piece of the body, counted only while it is waited for. */
  readonly idleMs: number;
}

interface DeadlineComponents {
  readonly upstream: Upstream;
  readonly timers: Timers;
}

/** The same upstream, which gives up when it has to wait too long or is told to. */
export function withDeadlines(
  { upstream, timers }: DeadlineComponents,
  { firstByteMs, heldMs = firstByteMs, idleMs }: DeadlineOptions,
): Upstream {
  return {
    usesQuery: upstream.usesQuery,
    close: () => upstream.close(),
    async fetch(request, signal) {
      const watch = new Watch(timers, signal);
      const headMs = upstream.usesQuery && isHeld(request) ? heldMs : firstByteMs;
      const onLate = (): UpstreamError =>
        new UpstreamError('origin-first-byte-timeout', `no response in ${headMs} ms`);
      const upload = watchUpload(request, { timers, watch, idleMs });
      try {
        const sent = upload === undefined ? request : { ...request, body: upload.body };
        const response = await watch.within(
          // A response is due once all has been sent: until then, pieces are.
          { ms: headMs, onLate, from: upload?.sent },
          upstream.fetch(sent, watch.signal).then((answer) => discardLate(answer, watch.signal)),
        );
        return { ...response, body: withIdleLimit(response.body, watch, idleMs) };
      } catch (error) {
        upload?.begun();
        watch.release();
        throw error;
      }
    },
  };
}

/** A blocking playlist reload (RFC 8216bis section 6.2.5.2). */
export function isHeld({ query }: UpstreamRequest): boolean {
  return /[?&]_HLS_msn=/.test(query);
}

interface Upload {
  readonly body: AsyncIterable<Buffer>;
  readonly sent: Promise<void>;
  /** Ends the wait for its first piece to be wanted. */
  readonly begun: () => void;
}

/** Each piece that the client sends has to be taken in time; the client's own pace is not the origin's fault. */
function watchUpload(
  { body }: UpstreamRequest,
  { timers, watch, idleMs }: { readonly timers: Timers; readonly watch: Watch; readonly idleMs: number },
): Upload | undefined {
  if (body === undefined) return undefined;
  let allSent: () => void = () => {};
  const sent = new Promise<void>((resolve) => {
    allSent = resolve;
  });
  const late = (what: string): void =>
    watch.fail(new UpstreamError('origin-idle-timeout', `took ${what} for ${idleMs} ms`));
  // All connections may be busy.
  const begun = timers.after(idleMs, () => late('no request'));
  async function* watched(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    begun();
    try {
      for await (const piece of pieces) {
        const cancel = timers.after(idleMs, () => late('nothing'));
        try {
          yield piece;
        } finally {
          cancel();
        }
      }
    } finally {
      allSent();
    }
  }
  return { body: watched(body), sent, begun };
}

function withIdleLimit(body: UpstreamBody, watch: Watch, idleMs: number): UpstreamBody {
  const onLate = (): UpstreamError => new UpstreamError('origin-idle-timeout', `nothing for ${idleMs} ms`);
  const limit: Limit = { ms: idleMs, onLate };
  const discard = (): void => {
    watch.release();
    body.discard();
  };
  return {
    // No generator: a turn of the loop for each piece of every body is felt.
    [Symbol.asyncIterator]() {
      const chunks = body[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const next = await watch.within(limit, chunks.next());
            if (next.done === true) watch.release();
            return next;
          } catch (error) {
            discard();
            throw error;
          }
        },
        async return() {
          discard();
          return { done: true, value: undefined };
        },
      };
    },
    discard,
  };
}

interface Limit {
  readonly ms: number;
  readonly onLate: () => UpstreamError;
  /** When the time begins. Default: now. */
  readonly from?: Promise<void> | undefined;
}

/** What ends one exchange early: a deadline, or the signal of whoever asked. One listener for all its waits. */
class Watch {
  readonly #timers: Timers;
  readonly #outer: AbortSignal;
  readonly #inner = new AbortController();
  readonly #follow: () => void;
  /** Whoever waits now. */
  #reject: ((reason: unknown) => void) | undefined;

  constructor(timers: Timers, outer: AbortSignal) {
    this.#timers = timers;
    this.#outer = outer;
    this.#follow = () => this.fail(outer.reason);
    if (outer.aborted) this.#follow();
    else outer.addEventListener('abort', this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#inner.signal;
  }

  fail(reason: unknown): void {
    this.#inner.abort(reason);
    this.#reject?.(reason);
  }

  release(): void {
    this.#outer.removeEventListener('abort', this.#follow);
  }

  /** Settles with the work, or with the deadline or an abort if one comes first; then the work is aborted. */
  within<Value>({ ms, onLate, from }: Limit, work: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      let cancel: (() => void) | undefined;
      const settle = (): void => {
        cancel?.();
        this.#reject = undefined;
      };
      this.#reject = (reason) => {
        settle();
        reject(reason);
      };
      if (this.signal.aborted) this.#reject(this.signal.reason);
      const mine = this.#reject;
      const start = (): void => {
        if (this.#reject === mine && mine !== undefined)
          cancel = this.#timers.after(ms, () => this.fail(onLate()));
      };
      if (from === undefined) start();
      else void from.then(start);
      work.then(
        (value) => {
          settle();
          resolve(value);
        },
        (error: unknown) => {
          settle();
          reject(error);
        },
      );
    });
  }
}

/** A response that came after its request was given up. */
function discardLate(response: UpstreamResponse, signal: AbortSignal): UpstreamResponse {
  if (signal.aborted) response.body.discard();
  return response;
}
