import type { Cors } from './site.js';

const EXPOSED =
  'Accept-Ranges, Age, Cache-Status, Content-Encoding, Content-Length, Content-Range, Date, ETag, Last-Modified, Retry-After';

/**
 * What lets players of any site read media, its timing and the headers they schedule by. Media has no cookies, so
 * any origin may be answered alike, and the answer is the same for everybody and cacheable.
 */
export const CORS_FIELDS: readonly string[] = [
  ...['Access-Control-Allow-Origin', '*'],
  ...['Access-Control-Expose-Headers', EXPOSED],
  ...['Timing-Allow-Origin', '*'],
];

/** A preflight's answer. Chromium keeps it for at most two hours, Firefox for a day. */
export const PREFLIGHT_FIELDS: readonly string[] = [
  ...['Access-Control-Allow-Origin', '*'],
  ...['Access-Control-Allow-Methods', 'GET, HEAD, OPTIONS'],
  'Access-Control-Allow-Headers',
  'Range, If-Range, If-None-Match, If-Modified-Since, Cache-Control, CMCD-Object, CMCD-Request, CMCD-Session, CMCD-Status',
  ...['Access-Control-Max-Age', '86400'],
  ...['Allow', 'GET, HEAD, OPTIONS'],
];

/** For stores of files, which say nothing themselves. */
export const OPEN_CORS: Cors = {
  by: 'edge',
  fieldsFor: () => CORS_FIELDS,
  preflightFor: () => PREFLIGHT_FIELDS,
};

/** The origin's own words, unchanged. */
export const ORIGINS_CORS: Cors = { by: 'origin', fieldsFor: () => [], preflightFor: () => [] };
