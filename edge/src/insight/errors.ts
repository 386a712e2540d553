export type InsightErrorCode =
  | 'store-locked'
  | 'store-unreadable'
  | 'store-unwritable'
  | 'store-too-new'
  | 'store-full'
  | 'store-failed'
  | 'forward-failed'
  | 'queue-full'
  | 'closing'
  | 'bad-prices'
  | 'bad-query'
  | 'bad-keys'
  | 'login-needed'
  | 'login-failed'
  | 'not-a-reader'
  | 'not-shared'
  | 'cannot-share'
  | 'other-site';

/** What can go wrong with insight; the message says what to do. */
export class InsightError extends Error {
  override readonly name = 'InsightError';
  readonly code: InsightErrorCode;

  constructor(code: InsightErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
