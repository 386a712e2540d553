import type { Random } from '../components.js';
import { isHeld } from './deadlines.js';
import type { Outcome } from './outcome.js';
import { isRepeatable, type UpstreamRequest } from './upstream.js';
import type { UpstreamErrorCode } from './upstream-error.js';

export interface RetryOptions {
  /** Further attempts after the first. */
  readonly retries: number;
  /** The first wait is random below this; it doubles with each attempt. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** A `Retry-After` up to here is waited for; a longer one is the answer. */
  readonly retryAfterMaxMs: number;
}

export const DEFAULT_RETRY_OPTIONS: Omit<RetryOptions, 'retries'> = {
  baseMs: 50,
  maxMs: 1000,
  retryAfterMaxMs: 2000,
};

const WORTH_IT: ReadonlySet<UpstreamErrorCode> = new Set([
  'origin-unreachable',
  'origin-connect-timeout',
  'origin-first-byte-timeout',
]);
const GATEWAY_TROUBLE: ReadonlySet<number> = new Set([502, 503, 504]);

export interface Attempt {
  readonly request: UpstreamRequest;
  /** From 1. */
  readonly number: number;
  readonly outcome: Outcome;
  /** What the answer asked for. */
  readonly retryAfterMs: number | undefined;
}

/**
 * How long to wait before the next attempt. Undefined: there is none. Full jitter: a random share of the whole wait,
 * so that edges that failed together do not come back together.
 */
export function retryDelay(attempt: Attempt, options: RetryOptions, random: Random): number | undefined {
  const { request, number, outcome, retryAfterMs = 0 } = attempt;
  if (number > options.retries || !isRepeatable(request) || !isTransient(request, outcome)) return undefined;
  if (retryAfterMs > options.retryAfterMaxMs) return undefined;
  const backoffMs = random() * Math.min(options.maxMs, options.baseMs * 2 ** (number - 1));
  return Math.max(retryAfterMs, backoffMs);
}

function isTransient(request: UpstreamRequest, outcome: Outcome): boolean {
  if (outcome.is === 'answer') return GATEWAY_TROUBLE.has(outcome.status);
  // A held playlist has had half a minute already; its player asks again by itself.
  if (outcome.code === 'origin-first-byte-timeout' && isHeld(request)) return false;
  return WORTH_IT.has(outcome.code);
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110 section 10.2.3). Undefined: none that can be read. */
export function retryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
