import type { IncomingMessage } from 'node:http';
import { endToEnd, type FieldList, fieldValue, withoutFields } from '../cache/fields.js';

/** What each request to the origin says anew. */
const ALWAYS_OURS: readonly string[] = ['host', 'expect', 'content-length', 'via', 'cdn-loop', 'eddy-hop'];
/** What the cache asks in its own words, so that what comes can be kept for all. */
const OF_ONE_CLIENT: ReadonlySet<string> = new Set([
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
]);

/** The request as it goes on to the origin (RFC 9110 section 7.6; RFC 8586): all that is not about this connection. */
export function forwardedFields(request: IncomingMessage, edgeName: string): string[] {
  const { rawHeaders, httpVersion } = request;
  const fields = endToEnd(rawHeaders, ALWAYS_OURS);
  const add = (name: string, own: string): void => {
    const before = fieldValue(rawHeaders, name.toLowerCase());
    fields.push(name, before === undefined ? own : `${before}, ${own}`);
  };
  add('Via', `${httpVersion} ${edgeName}`);
  add('CDN-Loop', edgeName);
  return fields;
}

/** For a response that others will get too: no ranges, no conditions of this client. */
export function fieldsForFill(fields: FieldList): string[] {
  return withoutFields(fields, OF_ONE_CLIENT);
}

/** Whether the request has been here before (RFC 8586 section 2). */
export function hasLooped(request: IncomingMessage, edgeName: string): boolean {
  const loop = request.headers['cdn-loop'];
  if (loop === undefined) return false;
  return String(loop)
    .split(',')
    .some((member) => member.split(';', 1)[0]?.trim().toLowerCase() === edgeName.toLowerCase());
}
