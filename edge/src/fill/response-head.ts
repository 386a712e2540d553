import { contentTypeOf } from '../cache/content-type.js';
import { type FieldList, fieldValue, firstValue, withoutFields } from '../cache/fields.js';
import { parseHttpDate } from '../cache/http-date.js';
import type { ResponseHead } from '../cache/stored-response.js';
import type { UpstreamResponse } from '../upstream/upstream.js';
import { UpstreamError } from '../upstream/upstream-error.js';

/** When a request went out and its response head came, milliseconds since the epoch. */
export interface Exchange {
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
}

/** What each response computes anew. */
const COMPUTED: readonly string[] = ['age', 'content-length'];

export interface HeadOptions {
  readonly path: string;
  readonly exchange: Exchange;
  readonly totalBytes: number | undefined;
  /** Instead of what the origin says, or where it says nothing. */
  readonly cacheControl: string | undefined;
  /** Lower-case names of fields that go no further. */
  readonly without?: readonly string[];
  /** Whether the origin is a store of files, whose content types may be no more than "bytes". */
  readonly guessType: boolean;
}

/** The head of a response as Eddy keeps and passes it: all that the origin said, but for what it computes itself. */
export function responseHead(
  { status, fields }: Pick<UpstreamResponse, 'status' | 'fields'>,
  { path, exchange, totalBytes, cacheControl, without = [], guessType }: HeadOptions,
): ResponseHead {
  const dateMs = dateOf(fields, exchange.receivedAtMs);
  const dropped = new Set([...COMPUTED, ...without]);
  if (status === 206) dropped.add('content-range');
  if (guessType) dropped.add('content-type');
  if (cacheControl !== undefined) dropped.add('cache-control');
  const kept = withoutFields(fields, dropped);
  if (guessType && status === 200) {
    kept.unshift('Content-Type', contentTypeOf(path, firstValue(fields, 'content-type')));
  }
  if (cacheControl !== undefined) kept.push('Cache-Control', cacheControl);
  // RFC 9110 section 6.6.1: who has a clock adds it before it keeps or passes on.
  if (firstValue(fields, 'date') === undefined) kept.push('Date', new Date(dateMs).toUTCString());
  return {
    status,
    fields: kept,
    etag: firstValue(fields, 'etag'),
    lastModified: firstValue(fields, 'last-modified'),
    contentEncoding: fieldValue(fields, 'content-encoding'),
    dateMs,
    initialAgeMs: initialAgeMs(fields, exchange, dateMs),
    totalBytes,
  };
}

/** @throws UpstreamError `origin-bad-response` where it is there and no length. */
export function contentLength(fields: FieldList): number | undefined {
  const text = firstValue(fields, 'content-length');
  if (text === undefined) return undefined;
  const bytes = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(bytes)) return bytes;
  throw new UpstreamError('origin-bad-response', `Content-Length is ${JSON.stringify(text)}`);
}

export function dateOf(fields: FieldList, nowMs: number): number {
  return parseHttpDate(firstValue(fields, 'date'), nowMs) ?? nowMs;
}

/** Surrogate keys by the headers that others use, and as metadata of an object in a bucket. */
export function tagsOf(fields: FieldList): readonly string[] {
  const named = [
    ...(fieldValue(fields, 'surrogate-key')?.split(/[\s,]+/) ?? []),
    ...(fieldValue(fields, 'cache-tag')?.split(',') ?? []),
    ...(fieldValue(fields, 'x-amz-meta-surrogate-key')?.split(/[\s,]+/) ?? []),
  ];
  return [...new Set(named.map((tag) => tag.trim()).filter((tag) => tag !== ''))];
}

/**
 * RFC 9111 section 4.2.3. `apparent_age` counts only behind an HTTP/1.0 hop, which tells no `Age`: elsewhere it would
 * make every live playlist stale on arrival whose origin's clock is a minute off.
 */
function initialAgeMs(fields: FieldList, { sentAtMs, receivedAtMs }: Exchange, dateMs: number): number {
  const delayMs = Math.max(0, receivedAtMs - sentAtMs);
  const correctedMs = ageOf(fields) * 1000 + (firstValue(fields, 'age') === undefined ? 0 : delayMs);
  if (!/(?:^|,)\s*(?:HTTP\/)?1\.0\s/i.test(fieldValue(fields, 'via') ?? '')) return correctedMs;
  return Math.max(correctedMs, receivedAtMs - dateMs);
}

/** Of several values the first counts; what is no number is none (RFC 9111 section 5.1). */
function ageOf(fields: FieldList): number {
  const first = firstValue(fields, 'age')?.split(',', 1)[0]?.trim();
  return first !== undefined && /^\d+$/.test(first) ? Math.min(Number(first), 2 ** 31) : 0;
}
