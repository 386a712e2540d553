import { describe, expect, it } from 'vitest';
import { tableOf, trackOf } from '../testing/samples.js';
import { initSegment, segmentHead } from './segmenter.js';

const samples = tableOf([
  { pts: 0, duration: 40, sync: true, size: 11 },
  { pts: 120, duration: 40, size: 12 },
  { pts: 40, duration: 40, size: 13 },
]);
const cut = { first: 0, end: 3, start: 0, duration: 120 };

/** Body of a box of `moof`, `tfdt` say: from its version on. */
function body(bytes: Buffer, type: string): Buffer {
  const at = bytes.indexOf(type);
  return bytes.subarray(at + 4, at - 4 + bytes.readUInt32BE(at - 4));
}

describe('segmentHead', () => {
  const head = segmentHead(samples, cut, { sequence: 6, shift: 2 ** 33 });

  it('writes decode time in 64 bits', () => {
    expect(body(head, 'tfdt')[0]).toBe(1);
    expect(body(head, 'tfdt').readBigUInt64BE(4)).toBe(2n ** 33n);
  });

  it('writes composition offsets as signed numbers', () => {
    const run = body(head, 'trun');
    expect(run[0]).toBe(1);
    expect(run.readUInt32BE(4)).toBe(3);
    const entries = run.subarray(12);
    expect(entries.length).toBe(3 * 12);
    expect([8, 20, 32].map((at) => entries.readInt32BE(at))).toEqual([0, 80, -40]);
    expect([0, 12, 24].map((at) => entries.readUInt32BE(at))).toEqual([11, 12, 13]);
  });

  it('raises composition offsets by what the edit list takes back', () => {
    const raised = body(segmentHead(samples, cut, { sequence: 0, mediaTime: 40 }), 'trun').subarray(12);
    expect([8, 20, 32].map((at) => raised.readInt32BE(at))).toEqual([40, 120, 0]);
    const init = initSegment(trackOf(samples), 40);
    expect(body(init, 'elst').readInt32BE(12)).toBe(40);
    expect(initSegment(trackOf(samples)).includes('elst')).toBe(false);
  });

  it('points at the first sample, which follows the head of mdat', () => {
    expect(body(head, 'trun').readInt32BE(8)).toBe(head.length);
    expect(head.readUInt32BE(head.length - 8)).toBe(8 + 11 + 12 + 13);
    expect(head.toString('latin1', head.length - 4)).toBe('mdat');
    expect(body(head, 'mfhd').readUInt32BE(4)).toBe(7);
  });
});
