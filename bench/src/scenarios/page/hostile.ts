declare global {
  interface Window {
    /** How many messages to other viewers were tampered with. */
    tampered: number;
  }
}

/*
 * Ways to be a bad peer. Each runs in a page before the SDK and changes what its data channels really send, so that
 * the SDK above believes itself honest. Messages over 1,000 bytes carry media; small ones are greetings and requests.
 */

/** Alters 23 bytes in the middle of every message that carries media. */
export function sendsWrongBytes(): void {
  window.tampered = 0;
  const { send } = RTCDataChannel.prototype;
  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown): void {
    if (!(data instanceof ArrayBuffer || ArrayBuffer.isView(data)) || data.byteLength < 1_000) {
      Reflect.apply(send, this, [data]);
      return;
    }
    const bytes = new Uint8Array(
      ArrayBuffer.isView(data)
        ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
        : data.slice(0),
    );
    const middle = Math.floor(bytes.length / 2);
    for (let index = middle; index < middle + 23; index++) bytes[index] = (bytes[index] ?? 0) ^ 0xa5;
    window.tampered++;
    Reflect.apply(send, this, [bytes]);
  };
}

/** Sends noise of the same length instead of every message that carries media. */
export function sendsGarbage(): void {
  window.tampered = 0;
  const { send } = RTCDataChannel.prototype;
  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown): void {
    if (!(data instanceof ArrayBuffer || ArrayBuffer.isView(data)) || data.byteLength < 1_000) {
      Reflect.apply(send, this, [data]);
      return;
    }
    window.tampered++;
    Reflect.apply(send, this, [crypto.getRandomValues(new Uint8Array(Math.min(data.byteLength, 65_536)))]);
  };
}

/** Announces what it holds, and never sends a byte of media. */
export function neverAnswers(): void {
  window.tampered = 0;
  const { send } = RTCDataChannel.prototype;
  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown): void {
    if ((data instanceof ArrayBuffer || ArrayBuffer.isView(data)) && data.byteLength >= 1_000) {
      window.tampered++;
      return;
    }
    Reflect.apply(send, this, [data]);
  };
}
