import { type EdgeMessage, MAX_SIGNALING_BYTES } from '@eddy/protocol';
import type { RawData, WebSocket } from 'ws';

/** Close codes of RFC 6455 section 7.4.1. */
export type CloseCode = 1000 | 1001 | 1003 | 1008;

/** One player's WebSocket: sends, counts what waits to be sent, and knows whether the other side is alive. */
export class ViewerSocket {
  readonly #ws: WebSocket;
  readonly #maxUnsentBytes: number;
  readonly #onSlow: () => void;
  #heard = true;

  constructor(
    components: { readonly ws: WebSocket; readonly onSlow: () => void },
    options: { readonly maxUnsentBytes: number },
  ) {
    this.#ws = components.ws;
    this.#onSlow = components.onSlow;
    this.#maxUnsentBytes = options.maxUnsentBytes;
    this.#ws.on('pong', () => {
      this.#heard = true;
    });
  }

  tell(message: EdgeMessage): void {
    this.#send(JSON.stringify(message));
  }

  push(bytes: Uint8Array): void {
    this.#send(bytes);
  }

  /** Pings. False: nothing came since the ping before. */
  beat(): boolean {
    const heard = this.#heard;
    this.#heard = false;
    if (heard && this.#ws.readyState === this.#ws.OPEN) this.#ws.ping();
    return heard;
  }

  noteHeard(): void {
    this.#heard = true;
  }

  close(code: CloseCode, reason: string): void {
    this.#ws.close(code, reason);
  }

  cut(): void {
    this.#ws.terminate();
  }

  #send(data: string | Uint8Array): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.#ws.bufferedAmount > this.#maxUnsentBytes) {
      this.#onSlow();
      this.#ws.terminate();
      return;
    }
    this.#ws.send(data);
  }
}

/** The text of a message; undefined for binary ones, which players do not send. */
export function textOf(data: RawData, isBinary: boolean): string | undefined {
  if (isBinary || !Buffer.isBuffer(data) || data.length > MAX_SIGNALING_BYTES) return undefined;
  return data.toString('utf8');
}
