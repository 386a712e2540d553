import type { ObjectHead } from '../cache/cached-object.js';
import { CORS_FIELDS } from './cors.js';
import type { ResponsePlan } from './response-plan.js';

/** Plans that carry an object's fields; the other two are refusals. */
export type ObjectPlan = Extract<ResponsePlan, { readonly is: 'whole' | 'part' | 'not-modified' }>;

export const STATUS_OF: Readonly<Record<ObjectPlan['is'], number>> = {
  whole: 200,
  part: 206,
  'not-modified': 304,
};

/** Names and values in turn, as `writeHead` takes them fastest. `ageSeconds` is undefined where nothing was stored. */
export function responseFields(
  head: ObjectHead,
  plan: ObjectPlan,
  ageSeconds: number | undefined,
  cacheStatus: string,
): string[] {
  const fields: string[] = [];
  if (plan.is !== 'not-modified') {
    fields.push('Content-Type', head.contentType);
    const bytes = plan.is === 'part' ? plan.range.end - plan.range.start + 1 : head.totalBytes;
    if (bytes !== undefined) fields.push('Content-Length', String(bytes));
    if (plan.is === 'part') {
      fields.push('Content-Range', `bytes ${plan.range.start}-${plan.range.end}/${plan.totalBytes}`);
    }
    if (head.contentEncoding !== undefined) fields.push('Content-Encoding', head.contentEncoding);
    fields.push('Accept-Ranges', 'bytes');
  }
  if (head.etag !== undefined) fields.push('ETag', head.etag);
  if (head.lastModified !== undefined) fields.push('Last-Modified', head.lastModified);
  fields.push('Cache-Control', head.cacheControl);
  fields.push('Date', new Date(head.dateMs).toUTCString());
  if (ageSeconds !== undefined) fields.push('Age', String(ageSeconds));
  fields.push(...CORS_FIELDS, 'Cache-Status', cacheStatus);
  return fields;
}
