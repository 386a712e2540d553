/** The edge, as the transfer of one segment sees it: by HTTP, in the way the player itself would ask. */
export interface EdgeSource {
  /**
   * Asks for bytes `[start, end)` of the segment, or for all of it. Exactly one of `onDone`, `onFailed` is called,
   * unless cancelled.
   */
  ask(range: ByteRange | undefined, events: EdgeEvents): EdgeRequest;
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface EdgeEvents {
  /** As many bytes as came; the receiver checks. They are the receiver's to keep. */
  onDone(bytes: Uint8Array<ArrayBuffer>): void;
  onFailed(failure: EdgeFailure): void;
}

export type EdgeFailure =
  | { readonly kind: 'timeout' }
  /** `code` is the HTTP status, 0 when there was none. */
  | { readonly kind: 'error'; readonly code: number; readonly text: string };

export interface EdgeRequest {
  readonly timing: EdgeTiming;
  cancel(): void;
}

/** Of one request, growing while it runs. Times are clock times in milliseconds, 0 before they happened. */
export interface EdgeTiming {
  readonly startedAt: number;
  readonly firstAt: number;
  readonly endedAt: number;
  readonly loadedBytes: number;
}
