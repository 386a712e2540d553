import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProtocolErrorCode } from '../errors.js';
import { CHUNK_BYTES, MAX_CHUNKS, MAX_FRAME_BYTES, MAX_HAVE_RUNS } from '../limits.js';
import { itIsASafeCodec } from '../testing/codec-properties.js';
import { bytesOf, hexOf } from '../testing/hex.js';
import { decodeFrame, encodeFrame } from './codec.js';
import { FAREWELLS, type PeerFrame, REFUSALS } from './frames.js';

const byte = fc.nat(255);
const number32 = fc.nat(0xffff_ffff);
const varint = fc.oneof(fc.nat(300), fc.maxSafeNat());
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const runs = fc.array(fc.record({ first: varint, count: fc.nat(0xffff) }), { maxLength: 20 });
const range = fc
  .tuple(fc.nat(MAX_CHUNKS - 1), fc.nat(MAX_CHUNKS - 1))
  .map(([first, more]) => ({ first, count: 1 + Math.min(more, MAX_CHUNKS - 1 - first) }));

const frame: fc.Arbitrary<PeerFrame> = fc.oneof(
  fc.record({ type: fc.constant('hello' as const), version: byte, upload: fc.boolean() }),
  fc.record({ type: fc.constantFrom('have' as const, 'lost' as const), rendition: number32, runs }),
  fc.record({ type: fc.constant('claim' as const), rendition: number32, sequence: varint }),
  fc
    .record({ id: varint, root: hash, range, leaves: fc.boolean() })
    .map(({ id, root, range: { first, count }, leaves }) => ({
      type: 'request' as const,
      id,
      root,
      first,
      count,
      leaves,
    })),
  fc.record({ type: fc.constant('leaves' as const), id: varint, leaves: fc.array(hash, { maxLength: 12 }) }),
  fc.record({
    type: fc.constant('chunk' as const),
    id: varint,
    index: fc.nat(MAX_CHUNKS - 1),
    payload: fc.uint8Array({ maxLength: 300 }),
  }),
  fc.record({ type: fc.constant('refuse' as const), id: varint, reason: fc.constantFrom(...REFUSALS) }),
  fc.record({ type: fc.constant('cancel' as const), id: varint }),
  fc.record({ type: fc.constant('bye' as const), reason: fc.constantFrom(...FAREWELLS) }),
);

describe('peer frames', () => {
  itIsASafeCodec({
    encode: encodeFrame,
    decode: decodeFrame,
    values: frame,
    openEnded: ({ type }) => type === 'chunk',
  });

  it('have the bytes that they have had since version 1', () => {
    const root = Uint8Array.from({ length: 32 }, (_, index) => index);
    const hex = (one: PeerFrame): string => hexOf(encodeFrame(one));
    expect(hex({ type: 'hello', version: 1, upload: true })).toBe('010101');
    expect(hex({ type: 'have', rendition: 0x01020304, runs: [{ first: 300, count: 2 }] })).toBe(
      '020102030401ac0202',
    );
    expect(hex({ type: 'lost', rendition: 1, runs: [] })).toBe('030000000100');
    expect(hex({ type: 'claim', rendition: 0xffffffff, sequence: 127 })).toBe('04ffffffff7f');
    expect(hex({ type: 'request', id: 1, root, first: 2, count: 3, leaves: true })).toBe(
      `0501${hexOf(root)}020301`,
    );
    expect(hex({ type: 'leaves', id: 1, leaves: [root] })).toBe(`060101${hexOf(root)}`);
    expect(hex({ type: 'chunk', id: 1, index: 2, payload: Uint8Array.of(9, 9) })).toBe('0701020909');
    expect(hex({ type: 'refuse', id: 128, reason: 'limit' })).toBe('08800103');
    expect(hex({ type: 'cancel', id: 5 })).toBe('0905');
    expect(hex({ type: 'bye', reason: 'misbehaved' })).toBe('0a02');
  });

  it('carry the largest chunk within the largest frame', () => {
    const chunk: PeerFrame = {
      type: 'chunk',
      id: Number.MAX_SAFE_INTEGER,
      index: MAX_CHUNKS - 1,
      payload: new Uint8Array(CHUNK_BYTES).fill(7),
    };
    const bytes = encodeFrame(chunk);
    expect(bytes.length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    expect(decodeFrame(bytes)).toEqual(chunk);
  });

  it('carry all leaves of the largest segment', () => {
    const leaves = Array.from({ length: MAX_CHUNKS }, () => new Uint8Array(32).fill(1));
    const bytes = encodeFrame({ type: 'leaves', id: Number.MAX_SAFE_INTEGER, leaves });
    expect(bytes.length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    expect(decodeFrame(bytes)).toMatchObject({ leaves });
  });

  it.each<[string, PeerFrame]>([
    ['a chunk', { type: 'chunk', id: 1, index: 0, payload: new Uint8Array(CHUNK_BYTES + 1) }],
    [
      'leaves',
      { type: 'leaves', id: 1, leaves: Array.from({ length: MAX_CHUNKS + 1 }, () => new Uint8Array(32)) },
    ],
    [
      'runs',
      {
        type: 'have',
        rendition: 1,
        runs: Array.from({ length: MAX_HAVE_RUNS + 1 }, () => ({ first: 0, count: 1 })),
      },
    ],
  ])('are not written with too many bytes of %s', (_what, tooLarge) => {
    expect(() => encodeFrame(tooLarge)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });

  it.each<[string, ProtocolErrorCode, string]>([
    ['an unknown type', 'bad-type', '0b'],
    ['type 0', 'bad-type', '00'],
    ['a flag of 2', 'bad-value', '010102'],
    ['a varint that is not in its shortest form', 'bad-value', '098000'],
    ['a varint of more than 53 bits', 'bad-value', '09ffffffffffffffffff01'],
    ['an unknown refusal', 'bad-value', '080104'],
    ['an unknown farewell', 'bad-value', '0a04'],
    ['more runs than allowed', 'too-large', '0200000001ff7f'],
    ['a request for no chunks', 'bad-value', `0501${'00'.repeat(32)}000000`],
    ['a request that runs over the largest segment', 'too-large', `0501${'00'.repeat(32)}ff070201`],
    ['a chunk index over the largest segment', 'too-large', '07018008'],
    ['more leaves than the largest segment has', 'too-large', '06018108'],
    ['many leaves in a short message', 'truncated', '06018008'],
  ])('are refused with %s', (_what, code, hex) => {
    expect(() => decodeFrame(bytesOf(hex))).toThrow(expect.objectContaining({ code }));
  });

  it('are refused over the largest frame before anything is read', () => {
    const large = new Uint8Array(MAX_FRAME_BYTES + 1);
    large[0] = 99;
    expect(() => decodeFrame(large)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });
});
