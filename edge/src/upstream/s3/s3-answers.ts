import { bareAnswer } from '../answer.js';
import { pairs } from '../header-fields.js';
import type { HeaderFields, UpstreamResponse } from '../upstream.js';
import { UpstreamError } from '../upstream-error.js';

/** What a store's answer says about the object, as opposed to the store. */
const OF_THE_OBJECT: ReadonlySet<string> = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
]);

/** The same, of an answer that has no object: its body names bucket and key, and stays here. */
const OF_NO_OBJECT: ReadonlySet<string> = new Set([
  'content-range',
  'date',
  'etag',
  'last-modified',
  'retry-after',
]);

/** Refusals that are about our keys and settings, not about one object. */
const MISCONFIGURED: ReadonlySet<string> = new Set([
  'AuthorizationHeaderMalformed',
  'CredentialsProviderError',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'NoSuchBucket',
  'PermanentRedirect',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

/** Header fields for an object, with the publisher's own `x-amz-meta-…`. */
export function objectFields(fields: HeaderFields): HeaderFields {
  const kept = [...pairs(fields)].flatMap(([name, value]) => {
    const key = name.toLowerCase();
    const told = OF_THE_OBJECT.has(key) || key.startsWith('x-amz-meta-');
    return told && value !== '' ? [name, value] : [];
  });
  // Every store serves ranges, though not every one says so.
  return [...kept, 'Accept-Ranges', 'bytes'];
}

/**
 * The answer of a store that sent no object. `code` is its own word for why.
 *
 * @throws UpstreamError `origin-refused` where the edge's settings are to blame.
 */
export function withoutObject(status: number, code: string, fields: HeaderFields): UpstreamResponse {
  if (MISCONFIGURED.has(code)) {
    throw new UpstreamError('origin-refused', `the store says ${code}`, { originStatus: status });
  }
  const kept = [...pairs(fields)].filter(([name]) => OF_NO_OBJECT.has(name.toLowerCase()));
  return bareAnswer(status, kept.flat());
}

/** Whether only the edge's settings can be to blame. */
export function isMisconfiguration(code: string): boolean {
  return MISCONFIGURED.has(code);
}
