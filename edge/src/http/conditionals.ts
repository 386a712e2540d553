import type { IncomingHttpHeaders } from 'node:http';

/** What tells one version of an object from another. */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  /** When the response was made: stands in for `Last-Modified` (RFC 9111 section 4.3.2). */
  readonly dateMs?: number | undefined;
}

export type Verdict = 'send' | 'not-modified' | 'precondition-failed';

/** Preconditions of a GET or HEAD in the order of RFC 9110 section 13.2.2. */
export function judgePreconditions(headers: IncomingHttpHeaders, validators: Validators): Verdict {
  const ifMatch = headers['if-match'];
  const ifUnmodified = headers['if-unmodified-since'];
  if (ifMatch !== undefined) {
    if (!listed(ifMatch, validators.etag, strongly)) return 'precondition-failed';
  } else if (ifUnmodified !== undefined) {
    const modified = modifiedSince(validators.lastModified, ifUnmodified);
    if (modified === true) return 'precondition-failed';
  }
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) {
    return listed(ifNoneMatch, validators.etag, weakly) ? 'not-modified' : 'send';
  }
  const ifModified = headers['if-modified-since'];
  if (ifModified === undefined) return 'send';
  const { lastModified, dateMs } = validators;
  const made = lastModified ?? (dateMs === undefined ? undefined : new Date(dateMs).toUTCString());
  return modifiedSince(made, ifModified) === false ? 'not-modified' : 'send';
}

/** Whether a Range still applies (RFC 9110 section 13.1.5): only where `If-Range` names exactly this version. */
export function rangeApplies(ifRange: string | undefined, validators: Validators): boolean {
  if (ifRange === undefined) return true;
  const named = ifRange.trim();
  if (named.startsWith('"') || named.startsWith('W/')) {
    return validators.etag !== undefined && strongly(named, validators.etag);
  }
  const date = Date.parse(named);
  return (
    !Number.isNaN(date) &&
    validators.lastModified !== undefined &&
    date === Date.parse(validators.lastModified)
  );
}

/** `*` is any object that exists. */
function listed(
  header: string,
  etag: string | undefined,
  same: (listed: string, etag: string) => boolean,
): boolean {
  if (header.trim() === '*') return true;
  if (etag === undefined) return false;
  return (header.match(/(?:W\/)?"[^"]*"/g) ?? []).some((candidate) => same(candidate, etag));
}

function strongly(a: string, b: string): boolean {
  return a === b && !a.startsWith('W/');
}

function weakly(a: string, b: string): boolean {
  return a.replace(/^W\//, '') === b.replace(/^W\//, '');
}

/** Undefined: one of the dates is missing or not a date, so the condition does not count. */
function modifiedSince(lastModified: string | undefined, since: string): boolean | undefined {
  const modified = lastModified === undefined ? Number.NaN : Date.parse(lastModified);
  const date = Date.parse(since);
  return Number.isNaN(modified) || Number.isNaN(date) ? undefined : modified > date;
}
