/**
 * Stable names of everything that can go wrong here; the same name reaches messages, logs and exit status.
 * Input: `not-mp4`, `truncated`, `bad-box`, `too-complex`, `no-video`, `no-keyframes`, `codec`, `edit-list`,
 * `bad-timing`, `segment-too-large`, `not-aligned`, `unreadable`. Asking: `usage`, `bad-name`, `bad-url`, `bad-key`.
 * Storage: `not-found`, `storage`. Running: `stopped` (by the user), `listen`.
 */
export type OriginErrorCode =
  | 'not-mp4'
  | 'truncated'
  | 'bad-box'
  | 'too-complex'
  | 'no-video'
  | 'no-keyframes'
  | 'codec'
  | 'edit-list'
  | 'bad-timing'
  | 'segment-too-large'
  | 'unreadable'
  | 'usage'
  | 'bad-name'
  | 'bad-url'
  | 'bad-key'
  | 'not-found'
  | 'storage'
  | 'stopped'
  | 'not-aligned'
  | 'listen';

/** Every failure that a user can cause or must act on. The message is one line and says what to do. */
export class OriginError extends Error {
  override readonly name = 'OriginError';
  readonly code: OriginErrorCode;

  constructor(code: OriginErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** What to print for anything thrown: `message (code)` in one line. */
export function describeError(error: unknown): string {
  if (error instanceof OriginError) return `${error.message} (${error.code})`;
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replaceAll(/\s*\n\s*/g, ' ');
}
