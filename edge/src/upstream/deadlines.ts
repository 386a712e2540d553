import type { Timers } from '../components.js';
import type { Upstream, UpstreamBody, UpstreamRequest } from './upstream.js';
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
      const inner = new AbortController();
      const follow = (): void => inner.abort(signal.reason);
      if (signal.aborted) follow();
      signal.addEventListener('abort', follow, { once: true });
      const headMs = upstream.usesQuery && isHeld(request) ? heldMs : firstByteMs;
      const onLateHead = (): UpstreamError =>
        new UpstreamError('origin-first-byte-timeout', `no response in ${headMs} ms`);
      try {
        const upload = watchUpload(request, { timers, inner, idleMs });
        // A response is due once all has been sent: until then, pieces are.
        const response = await within(
          { timers, inner },
          { ms: headMs, onLate: onLateHead, from: upload?.sent },
          upstream.fetch(upload === undefined ? request : { ...request, body: upload.body }, inner.signal),
        );
        return { ...response, body: withIdleLimit(response.body, { timers, inner, idleMs, signal, follow }) };
      } catch (error) {
        signal.removeEventListener('abort', follow);
        throw error;
      }
    },
  };
}

/** A blocking playlist reload (RFC 8216bis section 6.2.5.2). */
export function isHeld({ query }: UpstreamRequest): boolean {
  return /[?&]_HLS_msn=/.test(query);
}

interface UploadLimit {
  readonly timers: Timers;
  readonly inner: AbortController;
  readonly idleMs: number;
}

/** Each piece that the client sends has to be taken in time; the client's own pace is not the origin's fault. */
function watchUpload(
  { body }: UpstreamRequest,
  { timers, inner, idleMs }: UploadLimit,
): { body: AsyncIterable<Buffer>; sent: Promise<void> } | undefined {
  if (body === undefined) return undefined;
  let allSent: () => void = () => {};
  const sent = new Promise<void>((resolve) => {
    allSent = resolve;
  });
  const late = (what: string): void =>
    inner.abort(new UpstreamError('origin-idle-timeout', `took ${what} for ${idleMs} ms`));
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
  return { body: watched(body), sent };
}

interface IdleLimit extends UploadLimit {
  readonly signal: AbortSignal;
  readonly follow: () => void;
}

function withIdleLimit(
  body: UpstreamBody,
  { timers, inner, idleMs, signal, follow }: IdleLimit,
): UpstreamBody {
  const finished = (): void => signal.removeEventListener('abort', follow);
  const onLate = (): UpstreamError => new UpstreamError('origin-idle-timeout', `nothing for ${idleMs} ms`);
  return {
    async *[Symbol.asyncIterator]() {
      const chunks = body[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await within({ timers, inner }, { ms: idleMs, onLate }, chunks.next());
          if (next.done === true) return;
          yield next.value;
        }
      } finally {
        finished();
        body.discard();
      }
    },
    discard() {
      finished();
      body.discard();
    },
  };
}

interface Limit {
  readonly ms: number;
  readonly onLate: () => UpstreamError;
  /** When the time begins. Default: now. */
  readonly from?: Promise<void> | undefined;
}

/** Settles with the work, or with the deadline or an abort if one comes first; then the work is aborted. */
function within<Value>(
  { timers, inner }: { readonly timers: Timers; readonly inner: AbortController },
  { ms, onLate, from }: Limit,
  work: Promise<Value>,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    let isSettled = false;
    let cancel = (): void => {};
    const start = (): void => {
      if (!isSettled) cancel = timers.after(ms, () => inner.abort(onLate()));
    };
    if (from === undefined) start();
    else void from.then(start);
    const onAbort = (): void => {
      isSettled = true;
      cancel();
      reject(inner.signal.reason);
    };
    if (inner.signal.aborted) onAbort();
    else inner.signal.addEventListener('abort', onAbort, { once: true });
    const settle = (): void => {
      isSettled = true;
      cancel();
      inner.signal.removeEventListener('abort', onAbort);
    };
    work.then(
      (value) => {
        settle();
        if (inner.signal.aborted) discardLate(value);
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}

/** A response that came after its request was given up. */
function discardLate(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('body' in value)) return;
  const { body } = value;
  if (typeof body === 'object' && body !== null && 'discard' in body && typeof body.discard === 'function') {
    body.discard();
  }
}
