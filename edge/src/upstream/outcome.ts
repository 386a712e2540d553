import type { UpstreamResponse } from './upstream.js';
import { UpstreamError, type UpstreamErrorCode } from './upstream-error.js';

/** How a request went, as far as the wrappers decide by it: an answer, or none and why. */
export type Outcome =
  | { readonly is: 'answer'; readonly status: number }
  | { readonly is: 'none'; readonly code: UpstreamErrorCode; readonly unsent: boolean };

export function outcomeOf(response: UpstreamResponse): Outcome {
  return { is: 'answer', status: response.status };
}

/** @throws what is no UpstreamError: whoever asked has given up, or the edge is broken. */
export function failureOf(error: unknown): Outcome {
  if (error instanceof UpstreamError) return { is: 'none', code: error.code, unsent: error.unsent };
  throw error;
}
