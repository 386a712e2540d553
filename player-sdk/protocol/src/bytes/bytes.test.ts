import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from './reader.js';
import { ByteWriter } from './writer.js';

describe('bytes', () => {
  it('are read as they were written, in whatever order of fields', () => {
    const field = fc.oneof(
      fc.record({ kind: fc.constant('u8' as const), value: fc.nat(255) }),
      fc.record({ kind: fc.constant('u32' as const), value: fc.nat(0xffff_ffff) }),
      fc.record({ kind: fc.constant('varint' as const), value: fc.maxSafeNat() }),
      fc.record({ kind: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 100 }) }),
    );
    fc.assert(
      fc.property(fc.array(field), fc.nat(8), (fields, expected) => {
        const writer = new ByteWriter(expected);
        for (const one of fields) {
          if (one.kind === 'bytes') writer.bytes(one.value);
          else writer[one.kind](one.value);
        }
        const reader = new ByteReader(writer.finish());
        for (const one of fields) {
          const read =
            one.kind === 'bytes' ? reader.bytes(one.value.length, 'field') : reader[one.kind]('field');
          expect(read).toEqual(one.value);
        }
        expect(reader.remaining).toBe(0);
        expect(() => reader.end('all')).not.toThrow();
      }),
    );
  });

  it('say which field is short, and by how much', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2));
    expect(() => reader.u32('start')).toThrow('truncated: start needs 4 bytes, 2 are left');
    reader.u8('first');
    expect(() => reader.end('message')).toThrow('trailing-bytes: 1 after message');
  });

  it('hold varints up to 2^53 - 1, and no further', () => {
    const largest = new ByteWriter().varint(Number.MAX_SAFE_INTEGER).finish();
    expect(largest).toHaveLength(8);
    expect(new ByteReader(largest).varint('n')).toBe(Number.MAX_SAFE_INTEGER);
    for (const value of [-1, 1.5, 2 ** 53, Number.NaN]) {
      expect(() => new ByteWriter().varint(value)).toThrow(expect.objectContaining({ code: 'bad-value' }));
    }
    expect(() => new ByteReader(Uint8Array.of(101)).varint('n', 100)).toThrow('too-large: n 101 is over 100');
  });
});
