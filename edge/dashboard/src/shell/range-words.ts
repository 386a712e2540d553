import type { RangeName } from '../../../src/insight/queries/figures.js';
import type { Span } from '../address/address.js';
import type { Times } from '../figures/times.js';

export const RANGE_WORDS: Readonly<Record<RangeName, { readonly short: string; readonly full: string }>> = {
  '15m': { short: '15 min', full: 'last 15 minutes' },
  '1h': { short: '1 h', full: 'last hour' },
  '24h': { short: '24 h', full: 'last 24 hours' },
  '7d': { short: '7 d', full: 'last 7 days' },
  '30d': { short: '30 d', full: 'last 30 days' },
  '90d': { short: '90 d', full: 'last 90 days' },
  '1y': { short: '1 y', full: 'last year' },
  '3y': { short: '3 y', full: 'last 3 years' },
};

export function rangeWords(time: RangeName | Span, times: Times): string {
  return typeof time === 'string' ? RANGE_WORDS[time].full : times.span(time.fromMs, time.toMs);
}
