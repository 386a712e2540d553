import type { IncomingHttpHeaders } from 'node:http';
import type { ResponseHead } from '../cache/stored-response.js';
import { type ByteRange, parseRanges, resolveRanges } from '../ranges/ranges.js';
import { judgePreconditions, rangeApplies } from './conditionals.js';

/** What a request gets of an object. */
export type ResponsePlan =
  | { readonly is: 'whole' }
  | { readonly is: 'part'; readonly range: ByteRange; readonly totalBytes: number }
  | { readonly is: 'parts'; readonly ranges: readonly ByteRange[]; readonly totalBytes: number }
  | { readonly is: 'not-modified' }
  | { readonly is: 'precondition-failed' }
  | { readonly is: 'unsatisfiable'; readonly totalBytes: number };

/**
 * Preconditions first, then the ranges (RFC 9110 section 13.2.2), and both only for what would be a 200 without them
 * (sections 13.2.1 and 14.2). While the length is not known there are no parts. A HEAD is answered as the GET without
 * range would be.
 */
export function planResponse(
  method: string | undefined,
  headers: IncomingHttpHeaders,
  head: Pick<ResponseHead, 'status' | 'etag' | 'lastModified' | 'dateMs' | 'totalBytes'>,
): ResponsePlan {
  if (head.status !== 200) return { is: 'whole' };
  const verdict = judgePreconditions(headers, head);
  if (verdict !== 'send') return { is: verdict };
  const { totalBytes } = head;
  if (method !== 'GET' || headers.range === undefined || totalBytes === undefined) return { is: 'whole' };
  if (!rangeApplies(headers['if-range']?.toString(), head)) return { is: 'whole' };
  const ranges = resolveRanges(parseRanges(headers.range), totalBytes);
  if (ranges === 'whole') return { is: 'whole' };
  if (ranges === 'unsatisfiable') return { is: 'unsatisfiable', totalBytes };
  const [range, ...more] = ranges;
  if (range === undefined) return { is: 'whole' };
  return more.length === 0 ? { is: 'part', range, totalBytes } : { is: 'parts', ranges, totalBytes };
}
