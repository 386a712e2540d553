import { type FieldList, fieldValue, withoutFields } from '../cache/fields.js';

/** What describes the stored body, so that a 304 has no say in it (RFC 9111 section 3.2). */
const OF_THE_BODY: readonly string[] = [
  'content-encoding',
  'content-type',
  'content-range',
  'content-length',
];

/** The stored fields, updated by those of a 304 (RFC 9111 section 4.3.4): each that it names replaces all of its name. */
export function refreshedFields(stored: FieldList, update: FieldList): string[] {
  const news = withoutFields(update, new Set(OF_THE_BODY));
  const names = new Set<string>(['age']);
  for (let at = 0; at < news.length; at += 2) names.add((news[at] ?? '').toLowerCase());
  return [...withoutFields(stored, names), ...news];
}

/** Whether a 304 is about the stored response: a strong validator that differs says no (RFC 9111 section 4.3.4). */
export function isAbout(update: FieldList, stored: { readonly etag: string | undefined }): boolean {
  const etag = fieldValue(update, 'etag');
  if (etag === undefined || stored.etag === undefined) return true;
  return weak(etag) === weak(stored.etag);
}

function weak(etag: string): string {
  return etag.replace(/^W\//, '');
}
