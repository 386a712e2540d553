/** What can go wrong with an origin. The words are those of `refusals/refusals`. */
export type UpstreamErrorCode =
  | 'origin-unreachable'
  | 'origin-connect-timeout'
  | 'origin-first-byte-timeout'
  | 'origin-idle-timeout'
  | 'origin-error'
  | 'origin-unavailable'
  | 'origin-refused'
  | 'origin-bad-response'
  | 'origin-cut'
  | 'origin-length'
  | 'origin-changed'
  | 'origin-breaker-open'
  /** Not the origin's fault: there is no memory for its answer now. */
  | 'fill-memory';

interface UpstreamErrorOptions {
  readonly cause?: unknown;
  readonly originStatus?: number;
  readonly unsent?: boolean;
}

/** The origin gave no usable object. `originStatus` is what it answered, where it did. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly code: UpstreamErrorCode;
  readonly originStatus: number | undefined;
  /** The request surely never left, so that sending it elsewhere cannot do its work twice. */
  readonly unsent: boolean;

  constructor(code: UpstreamErrorCode, detail: string, options: UpstreamErrorOptions = {}) {
    super(`${code}: ${detail}`, { cause: options.cause });
    this.code = code;
    this.originStatus = options.originStatus;
    this.unsent = options.unsent ?? false;
  }
}

/** A 5xx where an object was needed. */
export function serverError(status: number): UpstreamError {
  const code = status === 503 ? 'origin-unavailable' : 'origin-error';
  return new UpstreamError(code, `the origin answered ${status}`, { originStatus: status });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whatever broke off a body that an upstream did not name. */
export function asUpstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error;
  return new UpstreamError('origin-cut', messageOf(error), { cause: error });
}
