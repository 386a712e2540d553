import { firstValue, withoutFields } from '../cache/fields.js';
import type { ResponseHead } from '../cache/stored-response.js';
import type { MultipartLayout } from '../ranges/multipart.js';
import type { ResponsePlan } from './response-plan.js';

/** Plans that carry an object's fields; the other two are refusals. */
export type ObjectPlan = Extract<ResponsePlan, { readonly is: 'whole' | 'part' | 'parts' | 'not-modified' }>;

export function statusOf(plan: ObjectPlan, head: Pick<ResponseHead, 'status'>): number {
  if (plan.is === 'whole') return head.status;
  return plan.is === 'not-modified' ? 304 : 206;
}

/** What a 304 leaves out: the receiver has it (RFC 9110 section 15.4.5). */
const OF_THE_BODY: ReadonlySet<string> = new Set([
  'content-type',
  'content-encoding',
  'content-language',
  'accept-ranges',
]);
const CONTENT_RANGE: ReadonlySet<string> = new Set(['content-range']);
const OF_PARTS: ReadonlySet<string> = new Set(['content-type', 'content-range']);
/** What the origin says of it where the edge decides. */
const CORS: ReadonlySet<string> = new Set([
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
  'timing-allow-origin',
]);
const CACHE_STATUS: ReadonlySet<string> = new Set(['cache-status']);

export interface SaidOfResponse {
  /** Undefined where nothing was stored. */
  readonly ageSeconds: number | undefined;
  readonly cacheStatus: string;
  /** What the site lets pages of other origins see. */
  readonly cors: readonly string[];
  readonly multipart?: MultipartLayout | undefined;
  /** Whether the edge answers ranges of it itself, whatever the origin says. Default true. */
  readonly offersParts?: boolean;
}

/** Names and values in turn, as `writeHead` takes them fastest. */
export function responseFields(head: ResponseHead, plan: ObjectPlan, said: SaidOfResponse): string[] {
  const speaks = said.cors.length > 0 && firstValue(head.fields, 'access-control-allow-origin') !== undefined;
  const fields = planFields(
    speaks ? { ...head, fields: withoutFields(head.fields, CORS) } : head,
    plan,
    said,
  );
  if (said.ageSeconds !== undefined) fields.push('Age', String(said.ageSeconds));
  for (const text of said.cors) fields.push(text);
  const before = firstValue(head.fields, 'cache-status');
  if (before === undefined) {
    fields.push('Cache-Status', said.cacheStatus);
    return fields;
  }
  // Of several caches the last is at the end of the list (RFC 9211 section 2).
  const own = withoutFields(fields, CACHE_STATUS);
  own.push('Cache-Status', `${before}, ${said.cacheStatus}`);
  return own;
}

function planFields(head: ResponseHead, plan: ObjectPlan, said: SaidOfResponse): string[] {
  const { multipart, offersParts = true } = said;
  switch (plan.is) {
    case 'not-modified':
      return withoutFields(head.fields, OF_THE_BODY);
    case 'whole': {
      const fields = [...head.fields];
      if (head.totalBytes !== undefined && hasBody(head.status)) {
        fields.push('Content-Length', String(head.totalBytes));
      }
      return offersParts ? offerParts(head, fields) : fields;
    }
    case 'part': {
      const { range, totalBytes } = plan;
      const fields = withoutFields(head.fields, CONTENT_RANGE);
      fields.push('Content-Length', String(range.end - range.start + 1));
      fields.push('Content-Range', `bytes ${range.start}-${range.end}/${totalBytes}`);
      return offerParts(head, fields);
    }
    case 'parts': {
      const fields = withoutFields(head.fields, OF_PARTS);
      if (multipart === undefined) return fields;
      fields.push('Content-Type', multipart.contentType, 'Content-Length', String(multipart.totalBytes));
      return offerParts(head, fields);
    }
  }
}

function offerParts(head: ResponseHead, fields: string[]): string[] {
  if (head.status === 200 && firstValue(head.fields, 'accept-ranges') === undefined) {
    fields.push('Accept-Ranges', 'bytes');
  }
  return fields;
}

function hasBody(status: number): boolean {
  return status !== 204 && status !== 304;
}
