import type { BodyReader } from '../fill/body-tee.js';
import type { PumpEnd } from './body-pump.js';
import type { SendTurns } from './send-turns.js';

/** As much of a response as is used here. */
export interface FollowedResponse {
  readonly destroyed: boolean;
  /** False: no more before `drain`. */
  write(piece: Buffer): boolean;
  end(last?: Buffer): unknown;
  flushHeaders(): void;
  on(event: 'drain' | 'close', run: () => void): unknown;
  off(event: 'drain' | 'close', run: () => void): unknown;
}

export interface FollowComponents {
  readonly reader: BodyReader;
  /** Its head is written, and not sent. */
  readonly response: FollowedResponse;
  readonly turns: SendTurns;
  readonly onBytes: (count: number) => void;
}

/**
 * Sends `bytes` bytes from the reader (all, if undefined) as they come, at the client's pace, and the head with the
 * first of them, or by itself where none are there yet.
 *
 * @throws what the fill failed with; then the response is not ended, and must be cut.
 */
export function followBody(components: FollowComponents, bytes: number | undefined): Promise<PumpEnd> {
  return new Promise((resolve, reject) => new BodySender(components, bytes, { resolve, reject }).start());
}

interface Settle {
  readonly resolve: (end: PumpEnd) => void;
  readonly reject: (error: unknown) => void;
}

/** No promise and no listener for each piece: there are hundreds of senders for each piece of a live segment. */
class BodySender {
  readonly #components: FollowComponents;
  readonly #settle: Settle;
  #left: number;
  #headSent = false;
  #begun = false;

  constructor(components: FollowComponents, bytes: number | undefined, settle: Settle) {
    this.#components = components;
    this.#settle = settle;
    this.#left = bytes ?? Number.POSITIVE_INFINITY;
  }

  start(): void {
    const { response, turns } = this.#components;
    if (response.destroyed) {
      this.#settle.resolve('gone');
      return;
    }
    response.on('drain', this.#wait);
    response.on('close', this.#onClose);
    turns.add(this.#send, 'head');
    this.#wait();
  }

  readonly #wait = (): void => this.#components.reader.onMore(this.#onMore);

  readonly #onMore = (): void => this.#components.turns.add(this.#send, this.#begun ? 'more' : 'first');

  readonly #onClose = (): void => {
    this.#stop();
    this.#settle.resolve('gone');
  };

  readonly #send = (): void => {
    const { reader, response, onBytes } = this.#components;
    try {
      const piece = this.#left > 0 ? reader.take() : undefined;
      if (piece !== undefined) {
        this.#begun = true;
        this.#headSent = true;
        const wanted = piece.length > this.#left ? piece.subarray(0, this.#left) : piece;
        this.#left -= wanted.length;
        onBytes(wanted.length);
        if (this.#left === 0) this.#end(wanted);
        // Else `drain` asks for more.
        else if (response.write(wanted)) this.#wait();
      } else if (this.#left === 0 || reader.ended) {
        this.#end();
      } else {
        // Again, it would be an empty write.
        if (!this.#headSent) response.flushHeaders();
        this.#headSent = true;
        this.#wait();
      }
    } catch (error) {
      this.#stop();
      this.#settle.reject(error);
    }
  };

  #end(last?: Buffer): void {
    this.#stop();
    this.#components.response.end(last);
    this.#settle.resolve('sent');
  }

  #stop(): void {
    const { response, turns } = this.#components;
    response.off('drain', this.#wait);
    response.off('close', this.#onClose);
    turns.delete(this.#send);
  }
}
