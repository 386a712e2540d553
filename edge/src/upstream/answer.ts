import { byName } from './header-fields.js';
import { EMPTY_BODY } from './stream-body.js';
import type { HeaderFields, UpstreamResponse } from './upstream.js';

/** An answer without a body, by an upstream that makes its own. */
export function bareAnswer(status: number, fields: HeaderFields = []): UpstreamResponse {
  return { status, fields, headers: byName(fields), endIsKnown: true, body: EMPTY_BODY };
}

/** Folders and buckets are read, never written. */
export function methodNotAllowed(): UpstreamResponse {
  return bareAnswer(405, ['Allow', 'GET, HEAD']);
}
