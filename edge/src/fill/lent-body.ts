/** A body that is read while it is sent. */
export interface LentBody {
  /** Bytes `start` to `end` (inclusive). Each piece is the reader's until he asks for the next. Rejects where reading fails. */
  read(range: { readonly start: number; readonly end: number }): AsyncIterable<Buffer>;
  /** For who reads several parts one after the other. Returns what ends that. */
  hold(): () => void;
  /** Once: nobody will begin to read any more. */
  release(): void;
}
