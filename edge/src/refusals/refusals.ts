/**
 * Every way to say no. The word reaches `Cache-Status` (`detail=`), the metric label and the log alike.
 * `retryAfterSeconds` is sent where waiting helps.
 */
export interface RefusalKind {
  readonly status: number;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

export type RefusalReason =
  | 'bad-target'
  | 'bad-character'
  | 'bad-encoding'
  | 'double-encoding'
  | 'control-character'
  | 'encoded-slash'
  | 'backslash'
  | 'dot-segment'
  | 'empty-segment'
  | 'bad-playlist-query'
  | 'bad-request'
  | 'bad-host'
  | 'unknown-host'
  | 'token-missing'
  | 'token-invalid'
  | 'token-expired'
  | 'token-early'
  | 'token-path'
  | 'token-address'
  | 'token-site'
  | 'token-busy'
  | 'address-rate'
  | 'session-rate'
  | 'address-connections'
  | 'slow-reader'
  | 'body-too-large'
  | 'proxy-missing'
  | 'proxy-malformed'
  | 'proxy-timeout'
  | 'http2-flood'
  | 'not-found'
  | 'gone'
  | 'no-such-endpoint'
  | 'purge-not-durable'
  | 'method-not-allowed'
  | 'request-timeout'
  | 'precondition-failed'
  | 'url-too-long'
  | 'range-not-satisfiable'
  | 'loop-detected'
  | 'headers-too-large'
  | 'internal'
  | 'origin-unreachable'
  | 'origin-error'
  | 'origin-refused'
  | 'origin-bad-response'
  | 'origin-cut'
  | 'origin-length'
  | 'origin-changed'
  | 'origin-unavailable'
  | 'origin-breaker-open'
  | 'fill-limit'
  | 'fill-memory'
  | 'origin-connect-timeout'
  | 'origin-first-byte-timeout'
  | 'origin-idle-timeout';

export const REFUSALS: Readonly<Record<RefusalReason, RefusalKind>> = {
  'bad-target': { status: 400, message: 'The request target is not a path.' },
  'bad-character': { status: 400, message: 'The path has a character that must be percent-encoded.' },
  'bad-encoding': { status: 400, message: 'The path is not percent-encoded UTF-8.' },
  'double-encoding': { status: 400, message: 'The path is percent-encoded twice.' },
  'control-character': { status: 400, message: 'The path has a control character.' },
  'encoded-slash': { status: 400, message: 'The path has an encoded slash.' },
  backslash: { status: 400, message: 'The path has a backslash.' },
  'dot-segment': { status: 400, message: 'The path has a dot segment.' },
  'empty-segment': { status: 400, message: 'The path has an empty segment.' },
  'bad-playlist-query': { status: 400, message: 'An _HLS_ parameter has an unusable value.' },
  'bad-request': { status: 400, message: 'The request could not be read.' },
  'bad-host': { status: 400, message: 'The request names no host, several, or one that is none.' },
  'token-missing': { status: 401, message: 'A token is needed here.' },
  'token-invalid': { status: 401, message: 'The token is not one that this edge can believe.' },
  'token-expired': { status: 401, message: 'The token has expired.' },
  'token-early': { status: 401, message: 'The token is not valid yet.' },
  'token-path': { status: 403, message: 'The token is for other paths.' },
  'token-address': { status: 403, message: 'The token is for other addresses.' },
  'token-site': { status: 403, message: 'The token is for another site.' },
  'proxy-missing': { status: 400, message: 'The connection did not begin with a PROXY header.' },
  'proxy-malformed': { status: 400, message: 'The PROXY header could not be read.' },
  'not-found': { status: 404, message: 'The origin has no such object.' },
  gone: { status: 410, message: 'The origin says that the object is gone.' },
  'purge-not-durable': {
    status: 503,
    message: 'The disk did not carry out the purge; it is tried again when the disk recovers.',
  },
  'no-such-endpoint': { status: 404, message: 'Nothing is answered at this address.' },
  'method-not-allowed': { status: 405, message: 'Only GET, HEAD and OPTIONS are answered here.' },
  'request-timeout': { status: 408, message: 'The request did not arrive in time.' },
  'proxy-timeout': { status: 408, message: 'The PROXY header did not arrive in time.' },
  'slow-reader': { status: 408, message: 'The response was taken too slowly.' },
  'body-too-large': { status: 413, message: 'The request body is too large.' },
  'unknown-host': { status: 421, message: 'No site here has this host.' },
  'address-rate': { status: 429, message: 'Too many requests come from this address.' },
  'session-rate': { status: 429, message: 'Too many requests come with this token.' },
  'address-connections': { status: 429, message: 'Too many connections come from this address.' },
  'http2-flood': { status: 429, message: 'Too many streams were reset on this connection.' },
  'precondition-failed': {
    status: 412,
    message: 'The object is not the one that If-Match or If-Unmodified-Since names.',
  },
  'url-too-long': { status: 414, message: 'The request target is too long.' },
  'range-not-satisfiable': { status: 416, message: 'The range lies outside the object.' },
  'headers-too-large': { status: 431, message: 'The request headers are too large.' },
  'loop-detected': {
    status: 508,
    message: 'The request has passed this edge before: an origin points back at it.',
  },
  internal: { status: 500, message: 'The edge failed to answer.' },
  'origin-unreachable': { status: 502, message: 'The origin cannot be reached.', retryAfterSeconds: 1 },
  'origin-error': { status: 502, message: 'The origin answered with a server error.', retryAfterSeconds: 1 },
  'origin-refused': { status: 502, message: 'The origin refused the request.' },
  'origin-bad-response': { status: 502, message: 'The origin answered with something unusable.' },
  'origin-cut': { status: 502, message: 'The origin broke off the body.', retryAfterSeconds: 1 },
  'origin-length': { status: 502, message: 'The origin sent another length than it declared.' },
  'origin-changed': {
    status: 502,
    message: 'The object changed at the origin while it was read.',
    retryAfterSeconds: 1,
  },
  'origin-unavailable': { status: 503, message: 'The origin asks to come back later.', retryAfterSeconds: 1 },
  'origin-breaker-open': {
    status: 503,
    message: 'The origin has failed too often and is left alone for a moment.',
    retryAfterSeconds: 5,
  },
  'token-busy': {
    status: 503,
    message: 'The edge is busy with checking other tokens.',
    retryAfterSeconds: 1,
  },
  'fill-limit': { status: 503, message: 'The edge is busy with other objects.', retryAfterSeconds: 1 },
  'fill-memory': {
    status: 503,
    message: 'The edge is busy with too many bytes on their way.',
    retryAfterSeconds: 1,
  },
  'origin-connect-timeout': {
    status: 504,
    message: 'The origin did not accept a connection in time.',
    retryAfterSeconds: 1,
  },
  'origin-first-byte-timeout': {
    status: 504,
    message: 'The origin did not answer in time.',
    retryAfterSeconds: 1,
  },
  'origin-idle-timeout': {
    status: 504,
    message: 'The origin stopped in the middle of the body.',
    retryAfterSeconds: 1,
  },
};
