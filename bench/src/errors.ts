/** Why a bench could not run or its figures cannot be trusted. */
export type BenchErrorCode =
  | 'usage'
  | 'command-missing'
  | 'not-built'
  | 'not-linux'
  | 'start-failed'
  | 'wrong-answer'
  | 'not-a-hit'
  | 'load-failed'
  | 'load-output'
  | 'cannot-measure'
  | 'crashed'
  | 'interrupted';

/** An expected failure: `message` says what to do, `code` stays stable for scripts. */
export class BenchError extends Error {
  readonly code: BenchErrorCode;

  constructor(code: BenchErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BenchError';
    this.code = code;
  }
}
