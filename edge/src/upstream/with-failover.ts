import { failureOf, type Outcome, outcomeOf } from './outcome.js';
import { isRepeatable, type Upstream, type UpstreamRequest, type UpstreamResponse } from './upstream.js';
import { UpstreamError } from './upstream-error.js';

/** One of several, and when the next is asked instead. */
export interface Candidate {
  readonly upstream: Upstream;
  readonly movesOn: (outcome: Outcome, response: UpstreamResponse | undefined) => boolean;
}

/**
 * The first of several that can answer, in order of preference. A body once begun is never changed for another's. Where
 * none can, the best of what was said counts: an answer about the object before a server error, before silence.
 */
export function withFailover(candidates: readonly Candidate[]): Upstream {
  return {
    usesQuery: candidates.some(({ upstream }) => upstream.usesQuery),
    async close() {
      for (const { upstream } of candidates) await upstream.close();
    },
    async fetch(request, signal) {
      let best: Said | undefined;
      for (const { upstream, movesOn } of candidates) {
        const said = await ask(upstream, request, signal).catch((error: unknown) => {
          best?.response?.body.discard();
          throw error;
        });
        const isUsable = !movesOn(said.outcome, said.response);
        best = best === undefined || isUsable ? instead(best, said) : better(best, said);
        if (isUsable || !mayMove(request, said.outcome)) break;
      }
      if (best === undefined) throw new UpstreamError('origin-unreachable', 'there is nobody to ask');
      if (best.response !== undefined) return best.response;
      throw best.error;
    },
  };
}

type Said =
  | { readonly outcome: Outcome; readonly response: UpstreamResponse; readonly error?: undefined }
  | { readonly outcome: Outcome; readonly response?: undefined; readonly error: unknown };

async function ask(upstream: Upstream, request: UpstreamRequest, signal: AbortSignal): Promise<Said> {
  try {
    const response = await upstream.fetch(request, signal);
    return { outcome: outcomeOf(response), response };
  } catch (error) {
    if (signal.aborted) throw error;
    return { outcome: failureOf(error), error };
  }
}

/** What is unsafe goes to a second origin only if it surely never reached the first. */
function mayMove(request: UpstreamRequest, outcome: Outcome): boolean {
  return isRepeatable(request) || (outcome.is === 'none' && outcome.unsent);
}

/** The earlier one counts where both are as good. The other's body is given up. */
function better(before: Said, said: Said): Said {
  return rank(said) > rank(before) ? instead(before, said) : instead(said, before);
}

function instead(of: Said | undefined, said: Said): Said {
  of?.response?.body.discard();
  return said;
}

function rank({ outcome }: Said): number {
  if (outcome.is === 'none') return 0;
  return outcome.status >= 500 ? 1 : 2;
}
