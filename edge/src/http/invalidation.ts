import type { UpstreamResponse } from '../upstream/upstream.js';

/** Canonical paths whose stored responses must not be used any more. */
export interface Invalidation {
  readonly paths: readonly string[];
}

/** RFC 9110 section 9.2.1. */
const SAFE: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'SEARCH',
  'REPORT',
]);

/**
 * RFC 9111 section 4.4: what an unsafe request that went well leaves out of date, its target and what `Location` and
 * `Content-Location` name on the same host.
 */
export function invalidatedBy(
  method: string,
  path: string,
  host: string | undefined,
  { status, headers }: Pick<UpstreamResponse, 'status' | 'headers'>,
): Invalidation | undefined {
  if (SAFE.has(method) || status < 200 || status >= 400) return undefined;
  const base = `http://${host ?? 'localhost'}${path}`;
  const named = [headers.location, headers['content-location']].flatMap((reference) => {
    if (reference === undefined || !URL.canParse(reference, base)) return [];
    const url = new URL(reference, base);
    return url.host === new URL(base).host ? [url.pathname] : [];
  });
  return { paths: [...new Set([path, ...named])] };
}
