/** Stable names of everything that can be wrong with received words. The same name reaches logs and metrics. */
export type ProtocolErrorCode =
  | 'truncated'
  | 'trailing-bytes'
  | 'too-large'
  | 'bad-magic'
  | 'bad-version'
  | 'bad-type'
  | 'bad-value'
  | 'bad-json';

/** Thrown by every decoder here, and by nothing else. `detail` names the field and what was found. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
  }
}
