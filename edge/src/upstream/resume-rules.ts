import { parseContentRange } from '../ranges/ranges.js';
import type { UpstreamHeaders, UpstreamRequest, UpstreamResponse } from './upstream.js';

/** How a body that breaks off can be gone on with. Bytes count from the object's first. */
export interface ResumePlan {
  /** Strong: the same bytes, or another validator. */
  readonly validator: { readonly name: 'etag' | 'last-modified'; readonly value: string };
  readonly start: number;
  readonly end: number;
  readonly totalBytes: number;
}

/** RFC 9110 section 8.8.2.2: a date this much older than the answer is not that of a second in which more was written. */
const SETTLED_MS = 60_000;

/** Undefined: what is missing could not be asked for, or might be of another version. */
export function planResume(
  { method = 'GET' }: UpstreamRequest,
  { status, headers }: UpstreamResponse,
): ResumePlan | undefined {
  if (method !== 'GET') return undefined;
  const validator = strongValidator(headers);
  if (validator === undefined) return undefined;
  if (status === 206) {
    const range = parseContentRange(headers['content-range']);
    if (range?.totalBytes === undefined) return undefined;
    return { validator, start: range.start, end: range.end, totalBytes: range.totalBytes };
  }
  const totalBytes = Number(headers['content-length'] ?? '');
  const isPlain = status === 200 && headers['accept-ranges']?.toLowerCase() === 'bytes';
  if (!isPlain || !Number.isSafeInteger(totalBytes) || totalBytes <= 0) return undefined;
  return { validator, start: 0, end: totalBytes - 1, totalBytes };
}

/** The request for what is missing from byte `from` on. */
export function resumeRequest(request: UpstreamRequest, plan: ResumePlan, from: number): UpstreamRequest {
  const isToTheEnd = plan.end === plan.totalBytes - 1;
  return {
    ...request,
    range: { start: from, end: isToTheEnd ? undefined : plan.end },
    ifRange: plan.validator.value,
    unlessEtag: undefined,
    unlessModifiedSince: undefined,
  };
}

/** Whether it is the missing part of the same object; `failed` says that another attempt may get it. */
export function judgeResumed(
  { status, headers }: UpstreamResponse,
  { validator, end, totalBytes }: ResumePlan,
  from: number,
): 'continues' | 'changed' | 'failed' {
  if (status >= 500 || status === 429) return 'failed';
  const range = status === 206 ? parseContentRange(headers['content-range']) : undefined;
  const isTheRest = range?.start === from && range.end === end && range.totalBytes === totalBytes;
  return isTheRest && headers[validator.name] === validator.value ? 'continues' : 'changed';
}

/** RFC 9110 section 13.1.5: what may stand in If-Range. */
function strongValidator(headers: UpstreamHeaders): ResumePlan['validator'] | undefined {
  const { etag } = headers;
  if (etag !== undefined) return etag.startsWith('"') ? { name: 'etag', value: etag } : undefined;
  const value = headers['last-modified'];
  if (value === undefined) return undefined;
  const ageMs = Date.parse(headers.date ?? '') - Date.parse(value);
  return ageMs >= SETTLED_MS ? { name: 'last-modified', value } : undefined;
}
