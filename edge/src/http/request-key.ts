import { EDDY_PREFIX, withoutSession } from '@eddy/protocol';
import type { RefusalReason } from '../refusals/refusals.js';

/** What a request asks for. */
export interface RequestKey {
  /** Names the object in the cache: the canonical path, then of the query what counts. */
  readonly key: string;
  /**
   * Canonical path: no dot or empty segments, unreserved characters plain, all others as sent or percent-encoded
   * with upper-case digits (RFC 3986 section 6.2.2). For what browsers send it is their URL's `pathname`.
   */
  readonly path: string;
  /** For the origin: empty, or with its question mark. */
  readonly query: string;
}

export type KeyResult = RequestKey | { readonly refused: RefusalReason };

/**
 * What of a query names the object. `none`: nothing, as in a store of files. `all`: every parameter, as sent.
 * A list: those named, sorted; the origin does not see the others. `_HLS_msn`, `_HLS_part` and `_HLS_skip` of
 * playlists always count where anything does.
 */
export type QueryRule = 'none' | 'all' | readonly string[];

export interface RequestKeyOptions {
  /** Longest request target in bytes. */
  readonly urlBytes: number;
  readonly query: QueryRule;
  /** Parameters that never count, though an origin that sees `all` sees them: what players say of themselves. */
  readonly ignoreQuery: readonly string[];
}

/** The playlist delivery directives of HLS (draft-pantos-hls-rfc8216bis section 6.2.5), in the order of the key. */
const PLAYLIST_PARAMETERS = ['_HLS_msn', '_HLS_part', '_HLS_skip'] as const;
const PLAYLIST_VALUE = /^[0-9A-Za-z]{1,20}$/;

const PLAIN = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*$/;
/** `//`, `/./`, `/../`, at the end `/.` or `/..`, and the same with a path parameter, which some origins cut off. */
const EMPTY_SEGMENT = /\/\//;
const DOT_SEGMENT = /\/\.{1,2}(?:[/;]|$)/;
const ENCODED_UNRESERVED = /^[A-Za-z0-9\-._~]$/;
/** Printable characters that URLs carry percent-encoded. */
const TO_ENCODE = /["<>^`{}]/g;

/** Reads a request target (RFC 9112 section 3.2; origin-form and absolute-form). */
export function requestKey(target: string, options: RequestKeyOptions): KeyResult {
  if (target.length > options.urlBytes) return { refused: 'url-too-long' };
  const local = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '');
  if (local === target && !target.startsWith('/')) return { refused: 'bad-target' };
  const mark = local.indexOf('?');
  const rawPath = mark === -1 ? local : local.slice(0, mark);
  const path = canonicalPath(rawPath === '' ? '/' : rawPath);
  if (typeof path !== 'string') return path;
  if (mark === -1 || options.query === 'none') return { key: path, path, query: '' };
  // What the SDK adds tells the edge whose request it is; a web server behind it never asked for that.
  return withQuery(path, withoutSession(local.slice(mark + 1)), options);
}

function withQuery(path: string, raw: string, { query: rule, ignoreQuery }: RequestKeyOptions): KeyResult {
  if (/[^\x21-\x7e]|#/.test(raw)) return { refused: 'bad-character' };
  const isPlaylist = /\.m3u8?$/.test(path);
  const directives = isPlaylist ? playlistQuery(raw) : '';
  if (typeof directives !== 'string') return directives;
  const pairs = raw.split('&').filter((pair) => pair !== '');
  if (rule === 'all') {
    const counting = pairs.filter((pair) => !ignoreQuery.includes(nameOf(pair)));
    return { key: path + joined(counting), path, query: raw === '' ? '' : `?${raw}` };
  }
  // Stable, since the order of values of one name may mean something.
  const counting = pairs
    .filter((pair) => rule.includes(nameOf(pair)) || (isPlaylist && isDirective(nameOf(pair))))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : Number(nameOf(a) > nameOf(b))));
  const query = joined(counting);
  return { key: path + query, path, query };
}

function nameOf(pair: string): string {
  return pair.split('=', 1)[0] ?? '';
}

function joined(pairs: readonly string[]): string {
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function isDirective(name: string): boolean {
  return PLAYLIST_PARAMETERS.some((directive) => directive === name);
}

/** Whether the edge itself answers below this canonical path; nothing of it reaches cache or origin. */
export function isReserved(path: string): boolean {
  return path.startsWith(EDDY_PREFIX) || path === EDDY_PREFIX.slice(0, -1);
}

function canonicalPath(raw: string): string | { readonly refused: RefusalReason } {
  let path = raw;
  if (!PLAIN.test(raw)) {
    const reason = suspicion(raw);
    if (reason !== undefined) return { refused: reason };
    path = raw.replace(/%[0-9A-Fa-f]{2}/g, plainWhereUnreserved).replace(TO_ENCODE, encodeURIComponent);
  }
  if (EMPTY_SEGMENT.test(path)) return { refused: 'empty-segment' };
  if (DOT_SEGMENT.test(path)) return { refused: 'dot-segment' };
  return path;
}

/** Why a path is not taken, looking at what it says and at what a second decoding would make of it. */
function suspicion(raw: string): RefusalReason | undefined {
  if (raw.includes('\\') || /%5c/i.test(raw)) return 'backslash';
  if (/[^\x21-\x7e]|#/.test(raw)) return 'bad-character';
  if (/%2f/i.test(raw)) return 'encoded-slash';
  if (/%(?:[01][0-9a-f]|7f)/i.test(raw)) return 'control-character';
  let decoded: string;
  try {
    decoded = decodeURIComponent(raw);
  } catch {
    return 'bad-encoding';
  }
  return /%(?:2e|2f|5c|25|[01][0-9a-f])/i.test(decoded) ? 'double-encoding' : undefined;
}

function plainWhereUnreserved(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return ENCODED_UNRESERVED.test(character) ? character : encoded.toUpperCase();
}

function playlistQuery(raw: string): string | { readonly refused: RefusalReason } {
  const found: string[] = [];
  const pairs = raw.split('&');
  for (const name of PLAYLIST_PARAMETERS) {
    const values = pairs
      .filter((pair) => pair.startsWith(`${name}=`))
      .map((pair) => pair.slice(name.length + 1));
    const [value] = values;
    if (value === undefined) continue;
    if (values.length > 1 || !PLAYLIST_VALUE.test(value)) return { refused: 'bad-playlist-query' };
    found.push(`${name}=${value}`);
  }
  return found.length === 0 ? '' : `?${found.join('&')}`;
}
