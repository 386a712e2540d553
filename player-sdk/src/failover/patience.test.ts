import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graceMs, silencePatienceMs } from './patience.js';

describe('patience with a silent edge', () => {
  it.each([
    [0, 1_000],
    [4_000, 1_000],
    [12_000, 3_000],
    [20_000, 5_000],
    [60_000, 5_000],
  ])('with %i ms of buffer ends after %i ms', (bufferMs, expected) => {
    expect(silencePatienceMs(bufferMs, 0)).toBe(expected);
  });

  it('never shrinks with the buffer, and doubles with each doubt that was wrong', () => {
    fc.assert(
      fc.property(fc.nat(60_000), fc.nat(60_000), fc.nat(5), (one, more, doubts) => {
        expect(silencePatienceMs(one + more, doubts)).toBeGreaterThanOrEqual(silencePatienceMs(one, doubts));
        expect(silencePatienceMs(one, doubts + 1)).toBe(2 * silencePatienceMs(one, doubts));
      }),
    );
  });

  it('leaves buffer for going elsewhere, from 4 s of it on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4_000, max: 60_000 }), (bufferMs) => {
        expect(silencePatienceMs(bufferMs, 0) + graceMs(100)).toBeLessThanOrEqual(bufferMs / 2);
      }),
    );
  });

  it('gives the edge in doubt twice what the other took, and a second at least', () => {
    expect(graceMs(40)).toBe(1_000);
    expect(graceMs(1_800)).toBe(3_600);
  });
});
