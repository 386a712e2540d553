import { describe, expect, it } from 'vitest';
import { bitRate, bytes, count, duration, percent, text } from './format.js';

describe('figures on the page', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [12_345, '12.3 kB'],
    [999_499, '999 kB'],
    [999_600, '1.00 MB'],
    [123_456_789, '123 MB'],
    [9.99e9, '9.99 GB'],
    [4.2e15, '4.20 PB'],
    [5e18, '5000 PB'],
  ])('%d bytes are %s', (amount, shown) => expect(text(bytes(amount))).toBe(shown));

  it('show rates in bits', () => expect(text(bitRate(1_500_000))).toBe('12.0 Mbit/s'));

  it.each([
    [null, '–'],
    [0, '0.0%'],
    [0.00001, '< 0.01%'],
    [0.0042, '0.42%'],
    [0.00996, '1.0%'],
    [0.8125, '81.3%'],
    [1, '100.0%'],
  ])('a share of %s is %s', (share, shown) => expect(percent(share)).toBe(shown));

  it.each([
    [4_400, '4 s'],
    [90_000, '2 min'],
    [12_240_000, '3.4 h'],
    [4_444_444_000, '1,235 h'],
  ])('%d ms are %s', (ms, shown) => expect(duration(ms)).toBe(shown));

  it('group thousands', () => expect(count(12345.6)).toBe('12,346'));
});
