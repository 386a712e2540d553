/** What is told of the answers on one connection, in order. */
export interface AnswerSink {
  readonly onHead?: (status: number, head: string) => void;
  /** A view that is only valid during the call. */
  readonly onBody?: (bytes: Buffer) => void;
  readonly onEnd: (status: number) => void;
}

const HEAD_BYTES = 64 * 1024;
const END = Buffer.from('\r\n\r\n');

/** An answer that this reader does not take: malformed, endless or without a length. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

/**
 * Reads HTTP/1.1 answers with a Content-Length off a byte stream. A cache that answers hits of known objects has no
 * reason for anything else, so anything else is an error here, which also keeps this cheap beside the server.
 */
export class AnswerReader {
  readonly #sink: AnswerSink;
  #partialHead: Buffer | undefined;
  #status = 0;
  #bodyLeft = -1;

  constructor(sink: AnswerSink) {
    this.#sink = sink;
  }

  /** Whether an answer has begun and not ended. */
  get midAnswer(): boolean {
    return this.#bodyLeft >= 0 || this.#partialHead !== undefined;
  }

  /** Takes what arrived. `chunk` may be reused afterwards. Throws AnswerError. */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#bodyLeft >= 0) {
        const taken = Math.min(this.#bodyLeft, rest.length);
        this.#bodyLeft -= taken;
        this.#sink.onBody?.(taken === rest.length ? rest : rest.subarray(0, taken));
        rest = rest.subarray(taken);
        this.#endIfWhole();
        continue;
      }
      if (this.#partialHead !== undefined) {
        rest = Buffer.concat([this.#partialHead, rest]);
        this.#partialHead = undefined;
      }
      const end = rest.indexOf(END);
      if (end < 0) {
        if (rest.length > HEAD_BYTES) throw new AnswerError('a head of over 64 KiB');
        this.#partialHead = Buffer.from(rest);
        return;
      }
      this.#head(rest.toString('latin1', 0, end + 2));
      rest = rest.subarray(end + END.length);
      this.#endIfWhole();
    }
  }

  #head(head: string): void {
    if (!head.startsWith('HTTP/1.'))
      throw new AnswerError(`no answer of HTTP/1: ${JSON.stringify(head.slice(0, 60))}`);
    this.#status = Number(head.slice(9, 12));
    const bodiless = this.#status === 204 || this.#status === 304;
    const length = bodiless ? '0' : /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
    if (length === undefined) throw new AnswerError(`status ${this.#status} without Content-Length`);
    this.#bodyLeft = Number(length);
    this.#sink.onHead?.(this.#status, head);
  }

  #endIfWhole(): void {
    if (this.#bodyLeft !== 0) return;
    this.#bodyLeft = -1;
    this.#sink.onEnd(this.#status);
  }
}
