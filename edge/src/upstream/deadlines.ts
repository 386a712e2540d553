import type { Timers } from '../components.js';
import type { Upstream, UpstreamBody } from './upstream.js';
import { UpstreamError } from './upstream-error.js';

export interface DeadlineOptions {
  /** From request to response head. */
  readonly firstByteMs: number;
  /** For each piece of the body, counted only while it is waited for. */
  readonly idleMs: number;
}

/** The same upstream, which gives up when it has to wait too long or is told to. */
export function withDeadlines(
  { upstream, timers }: { readonly upstream: Upstream; readonly timers: Timers },
  { firstByteMs, idleMs }: DeadlineOptions,
): Upstream {
  return {
    usesQuery: upstream.usesQuery,
    close: () => upstream.close(),
    async fetch(request, signal) {
      const inner = new AbortController();
      const follow = (): void => inner.abort(signal.reason);
      if (signal.aborted) follow();
      signal.addEventListener('abort', follow, { once: true });
      try {
        const late = new UpstreamError('origin-first-byte-timeout', `no response in ${firstByteMs} ms`);
        const response = await within(
          timers,
          firstByteMs,
          late,
          inner,
          upstream.fetch(request, inner.signal),
        );
        return { ...response, body: withIdleLimit(response.body, { timers, inner, idleMs, signal, follow }) };
      } catch (error) {
        signal.removeEventListener('abort', follow);
        throw error;
      }
    },
  };
}

interface IdleLimit {
  readonly timers: Timers;
  readonly inner: AbortController;
  readonly idleMs: number;
  readonly signal: AbortSignal;
  readonly follow: () => void;
}

function withIdleLimit(
  body: UpstreamBody,
  { timers, inner, idleMs, signal, follow }: IdleLimit,
): UpstreamBody {
  const finished = (): void => signal.removeEventListener('abort', follow);
  return {
    async *[Symbol.asyncIterator]() {
      const chunks = body[Symbol.asyncIterator]();
      try {
        for (;;) {
          const late = new UpstreamError('origin-idle-timeout', `nothing for ${idleMs} ms`);
          const next = await within(timers, idleMs, late, inner, chunks.next());
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

/** Settles with the work, or with the deadline or an abort if one comes first; then the work is aborted. */
function within<Value>(
  timers: Timers,
  ms: number,
  late: UpstreamError,
  controller: AbortController,
  work: Promise<Value>,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = timers.after(ms, () => controller.abort(late));
    const onAbort = (): void => {
      cancel();
      reject(controller.signal.reason);
    };
    if (controller.signal.aborted) onAbort();
    controller.signal.addEventListener('abort', onAbort, { once: true });
    const settle = (): void => {
      cancel();
      controller.signal.removeEventListener('abort', onAbort);
    };
    work.then(
      (value) => {
        settle();
        if (controller.signal.aborted) discardLate(value);
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
