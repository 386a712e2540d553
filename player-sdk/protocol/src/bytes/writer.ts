import { ProtocolError } from '../errors.js';

/** Appends fields to a growing message. `finish()` gives the bytes, of exactly the right length. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(expectedBytes = 64) {
    this.#bytes = new Uint8Array(expectedBytes);
  }

  u8(value: number): this {
    this.#room(1);
    this.#bytes[this.#at++] = value;
    return this;
  }

  u32(value: number): this {
    this.#room(4);
    new DataView(this.#bytes.buffer).setUint32(this.#at, value);
    this.#at += 4;
    return this;
  }

  varint(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) throw new ProtocolError('bad-value', `varint ${value}`);
    this.#room(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#at++] = rest;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#room(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** Printable ASCII only: paths are percent-encoded before they get here. */
  ascii(text: string, field: string): this {
    this.#room(text.length);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e) throw new ProtocolError('bad-value', `${field} has character ${code}`);
      this.#bytes[this.#at++] = code;
    }
    return this;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#at === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#at);
  }

  #room(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
