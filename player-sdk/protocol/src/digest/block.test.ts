import { describe, expect, it } from 'vitest';
import type { ProtocolErrorCode } from '../errors.js';
import { MAX_BLOCK_SEGMENTS, MAX_PATH_BYTES, MAX_SEGMENT_BYTES } from '../limits.js';
import { bytesOf, hexOf } from '../testing/hex.js';
import { decodeDigestBlock, encodeDigestBlock, type SegmentDigest } from './block.js';

const plain: SegmentDigest = { path: 's1.m4s', start: 0, bytes: 300, root: new Uint8Array(32).fill(0xab) };

describe('digest blocks', () => {
  it('have the bytes that they have had since version 1', () => {
    expect(hexOf(encodeDigestBlock([plain]))).toBe(
      `4544444201100106${'73312e6d3473'}00ac02${'ab'.repeat(32)}`,
    );
  });

  it('hold as many segments as they may, with roots that outlive the message', () => {
    const many = Array.from({ length: MAX_BLOCK_SEGMENTS }, (_, index) => ({
      ...plain,
      path: `s${index}.m4s`,
    }));
    const bytes = encodeDigestBlock(many);
    const decoded = decodeDigestBlock(bytes);
    bytes.fill(0);
    expect(decoded).toEqual(many);
  });

  it.each<[string, ProtocolErrorCode, SegmentDigest[]]>([
    ['too many segments', 'too-large', Array.from({ length: MAX_BLOCK_SEGMENTS + 1 }, () => plain)],
    ['too long a path', 'too-large', [{ ...plain, path: 'x'.repeat(MAX_PATH_BYTES + 1) }]],
    ['too large a segment', 'too-large', [{ ...plain, bytes: MAX_SEGMENT_BYTES + 1 }]],
    ['a root of another length', 'bad-value', [{ ...plain, root: new Uint8Array(31) }]],
    ['a path that is not percent-encoded', 'bad-value', [{ ...plain, path: 'ä.m4s' }]],
    ['a start that is no whole number', 'bad-value', [{ ...plain, start: 0.5 }]],
    ['a negative start', 'bad-value', [{ ...plain, start: -1 }]],
  ])('are not written with %s', (_what, code, segments) => {
    expect(() => encodeDigestBlock(segments)).toThrow(expect.objectContaining({ code }));
  });

  it.each<[string, ProtocolErrorCode, string]>([
    ['nothing in them', 'truncated', ''],
    ['another magic', 'bad-magic', '45444443011000'],
    ['another version', 'bad-version', '45444442021000'],
    ['another chunk size', 'bad-value', '45444442010f00'],
    ['too many segments', 'too-large', '45444442011081027f'],
    ['too long a path', 'too-large', '4544444201100181087f'],
    ['too large a segment', 'too-large', '45444442011001017800818080208000'],
    ['a control character in a path', 'bad-value', '4544444201100101070000'],
  ])('are refused with %s', (_what, code, hex) => {
    expect(() => decodeDigestBlock(bytesOf(hex))).toThrow(expect.objectContaining({ code }));
  });
});
