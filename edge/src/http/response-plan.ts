import type { IncomingHttpHeaders } from 'node:http';
import type { ObjectHead } from '../cache/cached-object.js';
import { type ByteRange, parseRange, resolveRange } from '../ranges/ranges.js';
import { judgePreconditions, rangeApplies } from './conditionals.js';

/** What a request gets of an object. */
export type ResponsePlan =
  | { readonly is: 'whole' }
  | { readonly is: 'part'; readonly range: ByteRange; readonly totalBytes: number }
  | { readonly is: 'not-modified' }
  | { readonly is: 'precondition-failed' }
  | { readonly is: 'unsatisfiable'; readonly totalBytes: number };

/**
 * Preconditions first, then the range (RFC 9110 section 13.2.2). While the length is not known there are no parts.
 * A HEAD is answered as the GET without range would be: ranges are for GET only (section 14.2).
 */
export function planResponse(
  method: string | undefined,
  headers: IncomingHttpHeaders,
  head: Pick<ObjectHead, 'etag' | 'lastModified' | 'totalBytes'>,
): ResponsePlan {
  const verdict = judgePreconditions(headers, head);
  if (verdict !== 'send') return { is: verdict };
  const { totalBytes } = head;
  if (method !== 'GET' || headers.range === undefined || totalBytes === undefined) return { is: 'whole' };
  if (!rangeApplies(headers['if-range']?.toString(), head)) return { is: 'whole' };
  const range = resolveRange(parseRange(headers.range), totalBytes);
  if (range === 'whole') return { is: 'whole' };
  return range === 'unsatisfiable' ? { is: 'unsatisfiable', totalBytes } : { is: 'part', range, totalBytes };
}
