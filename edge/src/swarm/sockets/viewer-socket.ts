import { type EdgeMessage, MAX_SIGNALING_BYTES } from '@eddy/protocol';
import type { RawData, WebSocket } from 'ws';
import type { Timers } from '../../components.js';

/** Close codes of RFC 6455 section 7.4.1; 4401, for private use, is a token that has ended. */
export type CloseCode = 1000 | 1001 | 1003 | 1008 | 4401;

/** Messages that go to many are written once. */
const written = new WeakMap<EdgeMessage, string>();

/** One player's WebSocket: sends, counts what waits to be sent, and knows whether the other side is alive. */
export class ViewerSocket {
  readonly #ws: WebSocket;
  readonly #maxUnsentBytes: number;
  readonly #onSlow: () => void;
  readonly #onSilent: () => void;
  readonly #timers: Timers;
  readonly #probeMs: number;
  #heard = true;
  #cancelProbe: (() => void) | undefined;

  constructor(
    components: {
      readonly ws: WebSocket;
      readonly timers: Timers;
      readonly onSlow: () => void;
      /** A probe was not answered. */
      readonly onSilent: () => void;
    },
    options: { readonly maxUnsentBytes: number; readonly probeMs: number },
  ) {
    this.#ws = components.ws;
    this.#timers = components.timers;
    this.#onSlow = components.onSlow;
    this.#onSilent = components.onSilent;
    this.#maxUnsentBytes = options.maxUnsentBytes;
    this.#probeMs = options.probeMs;
    this.#ws.on('pong', () => this.noteHeard());
    this.#ws.on('close', () => this.#cancelProbe?.());
  }

  tell(message: EdgeMessage): void {
    let text = written.get(message);
    if (text === undefined) {
      text = JSON.stringify(message);
      written.set(message, text);
    }
    this.#send(text);
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

  /** Pings at once, and does not wait for the next beat. */
  probe(): void {
    if (this.#cancelProbe !== undefined || this.#ws.readyState !== this.#ws.OPEN) return;
    this.#cancelProbe = this.#timers.after(this.#probeMs, () => {
      this.#cancelProbe = undefined;
      this.#onSilent();
    });
    this.#ws.ping();
  }

  noteHeard(): void {
    this.#heard = true;
    this.#cancelProbe?.();
    this.#cancelProbe = undefined;
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
