import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES } from './checksum.js';
import {
  blocksAreSound,
  blocksOf,
  decodeHeader,
  encodeHeader,
  type HeaderContent,
  headerBytesOf,
  sumBlocks,
} from './object-format.js';

function contentFor(body: Buffer, meta = Buffer.from('meta')): HeaderContent {
  const blockSums = new Uint32Array(blocksOf(body.length));
  sumBlocks(body, 0, blockSums);
  return { key: '/v/ä.m4s', tags: 'one two', meta, bodyBytes: body.length, blockSums };
}

describe('object header', () => {
  it('gives back what it was made of, with a body behind it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string(),
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(4 * BLOCK_BYTES),
        (key, tags, metaBytes, bodyBytes) => {
          const meta = Buffer.from(metaBytes);
          const blockSums = Uint32Array.from(
            { length: blocksOf(bodyBytes) },
            (_, index) => index * 77_777_777,
          );
          const content = { key, tags, meta, bodyBytes, blockSums };
          const header = encodeHeader(content);
          expect(header.length).toBe(headerBytesOf(content));
          const decoded = decodeHeader(Buffer.concat([header, Buffer.from('body')]));
          expect(decoded).toMatchObject({ ...content, headerBytes: header.length });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is refused with any bit changed and at any shorter length', () => {
    const header = encodeHeader(contentFor(Buffer.alloc(BLOCK_BYTES + 1, 7)));
    for (let at = 0; at < header.length; at++) {
      const flipped = Buffer.from(header);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
      expect(decodeHeader(flipped)).toBeUndefined();
      expect(decodeHeader(header.subarray(0, at))).toBeUndefined();
    }
  });

  it('takes no lengths on trust', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 200 }), (bytes) => {
        const header = Buffer.concat([Buffer.from('EDDYOBJ1'), bytes]);
        return decodeHeader(header) === undefined;
      }),
    );
  });

  it('has room for a longer meta of the same file', () => {
    const content = contentFor(Buffer.from('body'));
    const decoded = decodeHeader(encodeHeader(content));
    const longer = Buffer.alloc(decoded?.metaRoomBytes ?? 0, 1);
    const again = encodeHeader({ ...content, meta: longer, metaRoomBytes: longer.length });
    expect(longer.length).toBeGreaterThan(content.meta.length);
    expect(again.length).toBe(encodeHeader(content).length);
  });
});

describe('blocks', () => {
  it('are verified by number, from any of them on', () => {
    const body = Buffer.alloc(3 * BLOCK_BYTES + 10, 'varied content ');
    const header = decodeHeader(encodeHeader(contentFor(body)));
    if (header === undefined) throw new Error('not decoded');
    expect(blocksAreSound(body, 0, header)).toBe(true);
    expect(blocksAreSound(body.subarray(2 * BLOCK_BYTES), 2, header)).toBe(true);
    expect(blocksAreSound(body.subarray(BLOCK_BYTES, 2 * BLOCK_BYTES), 2, header)).toBe(false);
    expect(blocksAreSound(body.subarray(0, body.length - 1), 0, header)).toBe(false);
  });
});
