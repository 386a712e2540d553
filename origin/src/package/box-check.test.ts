import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OriginError } from '../errors.js';
import { box, moovWith, u32 } from '../testing/boxes.js';
import { MAX_SAMPLES, pruneBox } from './box-check.js';

const prune = (bytes: Uint8Array): Uint8Array => pruneBox(bytes, { left: MAX_SAMPLES });

describe('pruneBox', () => {
  it('keeps what packaging needs and drops the rest', () => {
    const moov = Buffer.concat([moovWith(box('stts', u32(0, 0)), box('sbgp', u32(0, 0xffffffff)))]);
    const pruned = Buffer.from(prune(moov)).toString('latin1');
    expect(pruned).toContain('stts');
    expect(pruned).not.toContain('sbgp');
  });

  it.each([
    ['stts of 20 million runs', box('stts', u32(0, 20_000_000)), 'bad-box'],
    ['ctts that declares one more than it holds', box('ctts', u32(0, 2, 1, 1)), 'bad-box'],
    ['stsz of 2^32 - 1 frames of one size', box('stsz', u32(0, 4, 0xffffffff)), 'too-complex'],
    ['stsz of 20 million frames of one size', box('stsz', u32(0, 4, 20_000_000)), 'too-complex'],
    ['stsz with sizes it does not hold', box('stsz', u32(0, 0, 1000, 7)), 'bad-box'],
    ['stco beyond its end', box('stco', u32(0, 0x40000000)), 'bad-box'],
    ['co64 beyond its end', box('co64', u32(0, 1, 0)), 'bad-box'],
    ['stsd without entries', box('stsd', u32(0, 0)), 'bad-box'],
    ['stsd whose entry is larger than it', box('stsd', u32(0, 1, 1000, 0)), 'bad-box'],
    ['a box that ends before its count', box('stss', u32(0)), 'bad-box'],
    ['a child larger than its parent', u32(64, 0x73747473), 'bad-box'],
  ])('refuses %s', (_, table, code) => {
    expect(() => prune(moovWith(table))).toThrow(expect.objectContaining({ code }));
  });

  it('refuses fragment runs that declare more than they hold', () => {
    const moof = (flags: number, count: number): Buffer =>
      box('moof', box('traf', box('tfhd', u32(0, 1)), box('trun', u32(flags, count))));
    expect(() => prune(moof(0x200, 1))).toThrow(expect.objectContaining({ code: 'bad-box' }));
    expect(() => prune(moof(0, 0xfffffff0))).toThrow(expect.objectContaining({ code: 'too-complex' }));
  });

  it('counts the frames of all boxes together', () => {
    const budget = { left: MAX_SAMPLES };
    const moov = moovWith(box('stsz', u32(0, 4, MAX_SAMPLES / 2)));
    pruneBox(moov, budget);
    pruneBox(moov, budget);
    expect(() => pruneBox(moov, budget)).toThrow(expect.objectContaining({ code: 'too-complex' }));
  });

  it('throws nothing but its own errors, whatever bytes come', () => {
    const whole = moovWith(
      box('stsd', u32(0, 1), box('avc1', Buffer.alloc(90))),
      box('stts', u32(0, 1, 5, 1)),
      box('stsz', u32(0, 4, 5)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          expect(prune(bytes).length).toBeLessThanOrEqual(whole.length);
        } catch (error) {
          expect(error).toBeInstanceOf(OriginError);
        }
      }),
    );
  });
});
