import type { Clock, Random, Timers } from '../components.js';
import { failureOf, type Outcome, outcomeOf } from './outcome.js';
import type { RetryBudget } from './retry-budget.js';
import { type RetryOptions, retryAfter, retryDelay } from './retry-rules.js';
import type { Upstream, UpstreamResponse } from './upstream.js';
import { wait } from './wait.js';

export interface RetryComponents {
  readonly upstream: Upstream;
  readonly budget: RetryBudget;
  readonly timers: Timers;
  readonly random: Random;
  /** Since the epoch, for a `Retry-After` that is a date. */
  readonly wallClock: Clock;
}

/** The same upstream, asked again where that is safe and may help. The last outcome is the one that counts. */
export function withRetries(components: RetryComponents, options: RetryOptions): Upstream {
  const { upstream, budget, timers, random, wallClock } = components;
  return {
    usesQuery: upstream.usesQuery,
    close: () => upstream.close(),
    async fetch(request, signal) {
      budget.deposit();
      for (let number = 1; ; number++) {
        const settled = await settle(upstream.fetch(request, signal), signal);
        const { outcome, response } = settled;
        const retryAfterMs = retryAfter(response?.headers['retry-after'], wallClock.now());
        const delayMs = retryDelay({ request, number, outcome, retryAfterMs }, options, random);
        if (delayMs === undefined || !budget.withdraw()) {
          if (settled.response !== undefined) return settled.response;
          throw settled.error;
        }
        response?.body.discard();
        await wait(timers, delayMs, signal);
      }
    },
  };
}

type Settled =
  | { readonly outcome: Outcome; readonly response: UpstreamResponse }
  | { readonly outcome: Outcome; readonly response: undefined; readonly error: unknown };

/** @throws what nobody may retry: that the request was given up. */
async function settle(work: Promise<UpstreamResponse>, signal: AbortSignal): Promise<Settled> {
  try {
    const response = await work;
    return { outcome: outcomeOf(response), response };
  } catch (error) {
    if (signal.aborted) throw error;
    return { outcome: failureOf(error), response: undefined, error };
  }
}
