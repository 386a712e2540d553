import type { Clock } from '../components.js';
import {
  type BreakerEvent,
  type BreakerOptions,
  type BreakerState,
  type BreakerWord,
  stepBreaker,
} from './breaker.js';
import { FailureWindow } from './failure-window.js';
import { failureOf, type Outcome, outcomeOf } from './outcome.js';
import type { Upstream, UpstreamBody } from './upstream.js';
import { UpstreamError, type UpstreamErrorCode } from './upstream-error.js';
import { watchBody } from './watch-body.js';

export interface BreakerComponents {
  readonly upstream: Upstream;
  /** Monotonic. */
  readonly clock: Clock;
  /** Hears of each change. */
  readonly onChange?: (to: BreakerWord) => void;
}

export interface GuardedUpstream extends Upstream {
  readonly breaker: BreakerWord;
}

/** An origin's own words for "not now, not here". */
const FAILING: ReadonlySet<number> = new Set([500, 502, 503, 504]);
/** About our settings or one object: another request may do better at once. */
const NOT_DOWN: ReadonlySet<UpstreamErrorCode> = new Set(['origin-refused', 'origin-changed', 'fill-memory']);

/** The same upstream, left alone for a while when it keeps failing. */
export function withBreaker(
  { upstream, clock, onChange = () => {} }: BreakerComponents,
  options: BreakerOptions,
): GuardedUpstream {
  const window = new FailureWindow(options);
  let state: BreakerState = { is: 'closed' };

  const step = (event: BreakerEvent): 'freely' | 'as-probe' | 'no' => {
    const before = state.is;
    const { state: next, admits = 'no' } = stepBreaker(state, event, clock.now(), options);
    state = next;
    if (next.is !== before) {
      if (next.is === 'closed') window.clear();
      onChange(next.is);
    }
    return admits;
  };
  const report = (isFailure: boolean, asProbe: boolean): void => {
    const now = clock.now();
    window.add(isFailure, now);
    if (isFailure) step({ is: 'failed', asProbe, isTooMuch: window.isTooMuch(now) });
    else step({ is: 'succeeded', asProbe });
  };

  const breaksOff = (): void => {
    const now = clock.now();
    window.turn(now);
    step({ is: 'failed', asProbe: false, isTooMuch: window.isTooMuch(now) });
  };

  return {
    get breaker() {
      return state.is;
    },
    usesQuery: upstream.usesQuery,
    close: () => upstream.close(),
    async fetch(request, signal) {
      const admits = step({ is: 'asked' });
      if (admits === 'no') {
        throw new UpstreamError('origin-breaker-open', 'it failed too often', { unsent: true });
      }
      const asProbe = admits === 'as-probe';
      try {
        const response = await upstream.fetch(request, signal);
        report(isFailure(outcomeOf(response)), asProbe);
        return { ...response, body: countBreaks(response.body, signal, breaksOff) };
      } catch (error) {
        if (signal.aborted || !(error instanceof UpstreamError)) step({ is: 'abandoned', asProbe });
        else report(isFailure(failureOf(error)), asProbe);
        throw error;
      }
    },
  };
}

export function isFailure(outcome: Outcome): boolean {
  return outcome.is === 'answer' ? FAILING.has(outcome.status) : !NOT_DOWN.has(outcome.code);
}

/** An answer was a success until its body breaks off. */
function countBreaks(body: UpstreamBody, signal: AbortSignal, onBreak: () => void): UpstreamBody {
  let isGivenUp = false;
  const watched = watchBody(body, (error) => {
    if (isGivenUp || signal.aborted || !(error instanceof UpstreamError)) return;
    if (isFailure(failureOf(error))) onBreak();
  });
  return {
    [Symbol.asyncIterator]: () => watched[Symbol.asyncIterator](),
    discard() {
      isGivenUp = true;
      watched.discard();
    },
  };
}
