import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, quantileOf, ratiosWithinRounds, summarize } from './statistics.js';

const figures = fc.array(fc.double({ min: 0.001, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 30 });

describe('median', () => {
  it('takes the middle of an odd count and the mean of the middle two of an even one', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 9, 1, 2])).toBe(5.5);
    expect(median([7])).toBe(7);
  });

  it('orders as numbers, not as text, and leaves its input alone', () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  it('refuses an empty list', () => {
    expect(() => median([])).toThrow(RangeError);
  });

  it('has at least half of the values on either side, whatever their order', () => {
    fc.assert(
      fc.property(figures, (values) => {
        const middle = median(values);
        expect(values.filter((value) => value <= middle).length * 2).toBeGreaterThanOrEqual(values.length);
        expect(values.filter((value) => value >= middle).length * 2).toBeGreaterThanOrEqual(values.length);
        expect(median([...values].reverse())).toBe(middle);
      }),
    );
  });
});

describe('summarize', () => {
  it('gives the range beside the median', () => {
    expect(summarize([8, 10, 14])).toEqual({ median: 10, min: 8, max: 14, spread: 0.6 });
    expect(summarize([0, 0]).spread).toBe(0);
  });
});

describe('ratiosWithinRounds', () => {
  it('divides within a round, so a slow round does not count against either', () => {
    const eddy = [
      { round: 2, value: 50 },
      { round: 1, value: 100 },
    ];
    const peer = [
      { round: 1, value: 80 },
      { round: 2, value: 40 },
    ];
    expect(ratiosWithinRounds(eddy, peer)).toEqual([
      { round: 1, value: 1.25 },
      { round: 2, value: 1.25 },
    ]);
  });

  it('leaves out rounds that only one of them has, and a divisor of 0', () => {
    const eddy = [1, 2, 3].map((round) => ({ round, value: 10 }));
    const peer = [
      { round: 2, value: 5 },
      { round: 3, value: 0 },
      { round: 4, value: 5 },
    ];
    expect(ratiosWithinRounds(eddy, peer)).toEqual([{ round: 2, value: 2 }]);
  });
});

describe('quantileOf', () => {
  it('takes the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0, 0.5, 0.99, 0.991, 1].map((quantile) => quantileOf(hundred, quantile))).toEqual([
      1, 50, 99, 100, 100,
    ]);
    expect(quantileOf([7], 0.99)).toBe(7);
  });

  it('refuses nothing and what is no quantile', () => {
    expect(() => quantileOf([], 0.5)).toThrow(RangeError);
    expect(() => quantileOf([1], 99)).toThrow(RangeError);
  });
});
