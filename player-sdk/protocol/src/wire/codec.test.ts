import { describe, expect, it } from 'vitest';
import type { ProtocolErrorCode } from '../errors.js';
import { CHUNK_BYTES, MAX_CHUNKS, MAX_FRAME_BYTES, MAX_HAVE_RUNS } from '../limits.js';
import { bytesOf, hexOf } from '../testing/hex.js';
import { decodeFrame, encodeFrame } from './codec.js';
import type { PeerFrame } from './frames.js';

describe('peer frames', () => {
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
    expect(hex({ type: 'parts', rendition: 1, sequence: 300, runs: [{ first: 0, count: 2 }] })).toBe(
      '0b00000001ac02010002',
    );
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
    [
      'parts',
      {
        ...{ type: 'parts', rendition: 1, sequence: 1 },
        runs: [
          { first: 0, count: MAX_CHUNKS },
          { first: 0, count: 1 },
        ],
      },
    ],
  ])('are not written with too many bytes of %s', (_what, tooLarge) => {
    expect(() => encodeFrame(tooLarge)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });

  it.each<[string, ProtocolErrorCode, string]>([
    ['an unknown type', 'bad-type', '0c'],
    ['a part over the largest segment', 'too-large', '0b000000010101ff0702'],
    ['more parts than the largest segment has', 'too-large', '0b0000000101020080080001'],
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
