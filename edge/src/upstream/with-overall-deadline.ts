import type { Timers } from '../components.js';
import { isHeld } from './deadlines.js';
import { isRepeatable, type Upstream } from './upstream.js';
import { UpstreamError } from './upstream-error.js';

export interface OverallDeadlineComponents {
  readonly upstream: Upstream;
  readonly timers: Timers;
}

export interface OverallDeadlineOptions {
  /** From the request to a response head, whoever gives it and however often was asked. */
  readonly allTriesMs: number;
  /** Of one try; the deadline is never below it. */
  readonly firstByteMs: number;
  /** The same for a playlist reload that the origin holds until there is news. */
  readonly heldMs: number;
}

/**
 * The same upstream, which gives up all its tries together: each has its own deadline, and a player waits for their
 * sum. Only what may be asked twice; anything else has one try.
 */
export function withOverallDeadline(
  { upstream, timers }: OverallDeadlineComponents,
  { allTriesMs, firstByteMs, heldMs }: OverallDeadlineOptions,
): Upstream {
  return {
    usesQuery: upstream.usesQuery,
    close: () => upstream.close(),
    async fetch(request, signal) {
      if (!isRepeatable(request)) return upstream.fetch(request, signal);
      const oneTryMs = upstream.usesQuery && isHeld(request) ? heldMs : firstByteMs;
      const ms = Math.max(allTriesMs, oneTryMs);
      const abort = new AbortController();
      const follow = (): void => abort.abort(signal.reason);
      if (signal.aborted) follow();
      else signal.addEventListener('abort', follow, { once: true });
      const cancel = timers.after(ms, () =>
        abort.abort(
          new UpstreamError('origin-first-byte-timeout', `no response in ${ms} ms, tries included`),
        ),
      );
      try {
        // For its body it goes on following; the signal belongs to one request, and goes with it.
        return await upstream.fetch(request, abort.signal);
      } catch (error) {
        signal.removeEventListener('abort', follow);
        throw error;
      } finally {
        cancel();
      }
    },
  };
}
