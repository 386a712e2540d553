import type { IncomingHttpHeaders } from 'node:http';
import { splitTokenPath } from '@eddy/protocol';

/** Where tokens are looked for beside the path and `Authorization`. */
export interface CarrierNames {
  readonly queryParameter: string;
  readonly cookie: string;
}

const TOKEN_IN_URL = /\/(?:~|%7e)[\w-]+\.[\w-]+\.[\w-]+/i;

export interface CarriedToken {
  readonly token: string | undefined;
  /** The request target without it. */
  readonly target: string;
}

/** JWS compact form. What is no token is somebody else's and left where it is. */
const BEARER = /^bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i;

/**
 * The token of a request: the first path segment `/~<jwt>/`, else the query parameter, else the cookie, else
 * `Authorization: Bearer`. `target` is in origin-form.
 */
export function carriedToken(
  target: string,
  headers: IncomingHttpHeaders,
  { queryParameter, cookie }: CarrierNames,
): CarriedToken {
  const inPath = splitTokenPath(target);
  const inQuery = splitQuery(inPath.path, queryParameter);
  const token =
    inPath.token ?? inQuery.token ?? cookieOf(headers.cookie, cookie) ?? bearerOf(headers.authorization);
  return { token, target: inQuery.target };
}

function splitQuery(target: string, name: string): CarriedToken {
  const mark = target.indexOf('?');
  if (mark === -1) return { token: undefined, target };
  let token: string | undefined;
  const others = target
    .slice(mark + 1)
    .split('&')
    .filter((pair) => {
      const [key = '', value = ''] = splitOnce(pair, '=');
      if (key !== name && !(key.includes('%') && decoded(key) === name)) return true;
      token ??= decoded(value);
      return false;
    });
  if (token === undefined) return { token, target };
  const path = target.slice(0, mark);
  return { token, target: others.length === 0 ? path : `${path}?${others.join('&')}` };
}

function cookieOf(field: string | undefined, name: string): string | undefined {
  if (field === undefined) return undefined;
  for (const pair of field.split(';')) {
    const [key = '', value = ''] = splitOnce(pair.trim(), '=');
    if (key === name) return value;
  }
  return undefined;
}

function bearerOf(field: string | undefined): string | undefined {
  return field === undefined ? undefined : BEARER.exec(field)?.[1];
}

/** A request whose header fields can be changed before anybody reads them. */
export interface MutableHeaders {
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
}

/**
 * Takes tokens out of `Cookie` and `Authorization`, in both forms that Node gives them in, and `Referer` away where
 * the page that asks was itself asked for with one.
 */
export function removeTokenFields(
  { headers, rawHeaders }: MutableHeaders,
  { cookie, queryParameter }: CarrierNames,
): void {
  const { referer } = headers;
  if (referer !== undefined && (TOKEN_IN_URL.test(referer) || referer.includes(`${queryParameter}=`))) {
    delete headers.referer;
    rewriteRaw(rawHeaders, 'referer', () => undefined);
  }
  if (bearerOf(headers.authorization) !== undefined) {
    delete headers.authorization;
    rewriteRaw(rawHeaders, 'authorization', (value) => (BEARER.test(value) ? undefined : value));
  }
  if (headers.cookie !== undefined && cookieOf(headers.cookie, cookie) !== undefined) {
    const rest = withoutCookie(headers.cookie, cookie);
    if (rest === undefined) delete headers.cookie;
    else headers.cookie = rest;
    rewriteRaw(rawHeaders, 'cookie', (value) => withoutCookie(value, cookie));
  }
}

function withoutCookie(field: string, name: string): string | undefined {
  const others = field
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '' && splitOnce(pair, '=')[0] !== name);
  return others.length === 0 ? undefined : others.join('; ');
}

function rewriteRaw(
  rawHeaders: string[],
  name: string,
  rewrite: (value: string) => string | undefined,
): void {
  for (let index = rawHeaders.length - 2; index >= 0; index -= 2) {
    if (rawHeaders[index]?.toLowerCase() !== name) continue;
    const value = rewrite(rawHeaders[index + 1] ?? '');
    if (value === undefined) rawHeaders.splice(index, 2);
    else rawHeaders[index + 1] = value;
  }
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
