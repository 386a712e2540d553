import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES, checksum } from './checksum.js';

const PRIME = 0x9e3779b1;
const SEEDS = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];

/** The same in plain words: sixteen lanes, four of each accumulator. */
function plainChecksum(bytes: Uint8Array, seed: number): number {
  let sum = seed ^ Math.imul(bytes.length, PRIME);
  for (let offset = 0; offset < bytes.length; offset += BLOCK_BYTES) {
    const block = bytes.subarray(offset, offset + BLOCK_BYTES);
    const padded = Buffer.alloc(Math.ceil(block.length / 64) * 64);
    padded.set(block);
    const lanes = SEEDS.map((accumulator) => Array.from({ length: 4 }, () => accumulator ^ sum));
    for (let at = 0; at < padded.length; at += 64) {
      lanes.forEach((accumulator, a) => {
        accumulator.forEach((lane, l) => {
          accumulator[l] = turn(lane, padded.readInt32LE(at + 16 * a + 4 * l));
        });
      });
    }
    const [first = [], ...others] = lanes;
    const joined = first.map((lane, l) => others.reduce((mixed, other) => turn(mixed, other[l] ?? 0), lane));
    sum = joined.reduce((mixed, lane) => turn(mixed, lane), 0);
  }
  return sum >>> 0;
}

function turn(lane: number, word: number): number {
  const product = Math.imul(lane ^ word, PRIME);
  return (product << 13) | (product >>> 19);
}

describe('checksum', () => {
  it('is what its comment says', () => {
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 300 });
    fc.assert(fc.property(bytes, fc.integer(), (b, seed) => checksum(b, seed) === plainChecksum(b, seed)));
    const long = Buffer.alloc(2 * BLOCK_BYTES + 77, 'some content ');
    expect(checksum(long, 5)).toBe(plainChecksum(long, 5));
  });

  it('sees each changed bit', () => {
    const sample = fc.uint8Array({ minLength: 1, maxLength: 500 });
    fc.assert(
      fc.property(sample, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, change) => {
        const changed = Uint8Array.from(bytes);
        const place = at % bytes.length;
        changed[place] = (bytes[place] ?? 0) ^ change;
        return checksum(changed, 0) !== checksum(bytes, 0);
      }),
    );
  });

  it('tells content from padding, and one place from another', () => {
    expect(checksum(new Uint8Array(64), 0)).not.toBe(checksum(new Uint8Array(63), 0));
    expect(checksum(new Uint8Array(64), 0)).not.toBe(checksum(new Uint8Array(64), 1));
    expect(checksum(new Uint8Array(64), 0)).not.toBe(0);
  });
});
