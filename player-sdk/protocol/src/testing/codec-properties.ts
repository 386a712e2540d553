import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ProtocolError } from '../errors.js';

/** A binary form: what it says goes in, bytes come out, and back. */
export interface Codec<Value> {
  encode(value: Value): Uint8Array<ArrayBuffer>;
  decode(bytes: Uint8Array): Value;
  readonly values: fc.Arbitrary<Value>;
  /** A shorter message can be another, whole, one (a chunk whose payload runs to the end). */
  readonly openEnded?: (value: Value) => boolean;
}

/** What every decoder of untrusted bytes owes. */
export function itIsASafeCodec<Value>({
  encode,
  decode,
  values,
  openEnded = () => false,
}: Codec<Value>): void {
  it('gives back what was put in', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(encode(value))).toEqual(value);
      }),
    );
  });

  it('reads from the middle of a larger buffer', () => {
    fc.assert(
      fc.property(values, fc.nat(16), (value, offset) => {
        const bytes = encode(value);
        const larger = new Uint8Array(bytes.length + offset + 16).fill(0xaa);
        larger.set(bytes, offset);
        expect(decode(larger.subarray(offset, offset + bytes.length))).toEqual(value);
      }),
    );
  });

  it('refuses a message that is cut short at any byte', () => {
    fc.assert(
      fc.property(values, (value) => {
        if (openEnded(value)) return;
        const bytes = encode(value);
        for (let length = 0; length < bytes.length; length++) {
          expect(() => decode(bytes.subarray(0, length))).toThrow(ProtocolError);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('refuses bytes after the end', () => {
    fc.assert(
      fc.property(values, fc.uint8Array({ minLength: 1, maxLength: 8 }), (value, more) => {
        if (openEnded(value)) return;
        const bytes = encode(value);
        const longer = new Uint8Array(bytes.length + more.length);
        longer.set(bytes);
        longer.set(more, bytes.length);
        expect(() => decode(longer)).toThrow(ProtocolError);
      }),
    );
  });

  it('throws nothing but ProtocolError at garbage, and what it does accept has one form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 512 }), (garbage) =>
        throwsOnlyProtocolErrors(decode, encode, garbage),
      ),
      { numRuns: 2_000 },
    );
  });

  it('throws nothing but ProtocolError at a message with a few bytes changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(values, changes, (value, places) => {
        const bytes = encode(value);
        for (const [place, byte] of places) bytes[place % Math.max(1, bytes.length)] = byte;
        throwsOnlyProtocolErrors(decode, encode, bytes);
      }),
      { numRuns: 500 },
    );
  });
}

function throwsOnlyProtocolErrors<Value>(
  decode: (bytes: Uint8Array) => Value,
  encode: (value: Value) => Uint8Array,
  bytes: Uint8Array,
): void {
  let value: Value;
  try {
    value = decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return;
  }
  expect(encode(value)).toEqual(Uint8Array.from(bytes));
}
