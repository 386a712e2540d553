import { ProtocolError } from '../errors.js';

/** Reads fields from a message, front to back. Every read is bounded; a short message throws `truncated`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(field: string): number {
    this.#need(1, field);
    return this.#view.getUint8(this.#at++);
  }

  u32(field: string): number {
    this.#need(4, field);
    const value = this.#view.getUint32(this.#at);
    this.#at += 4;
    return value;
  }

  /** Unsigned LEB128 up to 2^53 - 1, in its shortest form only, so that a message has one encoding. */
  varint(field: string, max: number = Number.MAX_SAFE_INTEGER): number {
    let value = 0;
    let scale = 1;
    for (let read = 0; read < 8; read++) {
      const byte = this.u8(field);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (byte === 0 && read > 0)
          throw new ProtocolError('bad-value', `${field} is not in its shortest form`);
        if (value > max) throw new ProtocolError('too-large', `${field} ${value} is over ${max}`);
        return value;
      }
      scale *= 128;
    }
    throw new ProtocolError('bad-value', `${field} is longer than 53 bits`);
  }

  /** A view into the message, not a copy. */
  bytes(length: number, field: string): Uint8Array {
    this.#need(length, field);
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  ascii(length: number, field: string): string {
    let text = '';
    for (const byte of this.bytes(length, field)) {
      if (byte < 0x20 || byte > 0x7e) throw new ProtocolError('bad-value', `${field} has byte ${byte}`);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  end(what: string): void {
    if (this.remaining > 0) throw new ProtocolError('trailing-bytes', `${this.remaining} after ${what}`);
  }

  #need(length: number, field: string): void {
    if (this.remaining < length) {
      throw new ProtocolError('truncated', `${field} needs ${length} bytes, ${this.remaining} are left`);
    }
  }
}
