import { describe, expect, it } from 'vitest';
import { Formats } from './formats.js';

const english = new Formats({ locale: 'en-US', units: 'GB' });
const german = new Formats({ locale: 'de-DE', units: 'GiB' });

/** Gaps that do not break, as plain ones. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

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
    [5e18, '5,000 PB'],
    [-2.5e9, '-2.50 GB'],
  ])('%d bytes are %s', (amount, shown) => expect(plain(english.bytesText(amount))).toBe(shown));

  it('count by 1024 where asked to, in the words of the reader', () => {
    expect(plain(german.bytesText(2 ** 30))).toBe('1,00 GiB');
    expect(plain(german.bytesText(1e12))).toBe('931 GiB');
    expect(plain(german.bytesText(1e12, 'GB'))).toBe('1,00 TB');
    expect(plain(german.percent(0.8125))).toBe('81,3 %');
    expect(plain(german.money(1234.5, 'EUR'))).toBe('1.235 €');
  });

  it('show rates in bits', () => expect(plain(english.bitRateText(1_500_000))).toBe('12.0 Mbit/s'));

  it('leave out what says nothing beside an axis', () => {
    const ticks = [0, 2.5e8, 1e8, 3e11].map((rate) => plain(english.bitRateTick(rate)));
    expect(ticks).toEqual(['0', '2 Gbit/s', '800 Mbit/s', '2.4 Tbit/s']);
    expect([0, 0.005, 0.5, 1].map((share) => english.percentTick(share))).toEqual([
      '0%',
      '0.5%',
      '50%',
      '100%',
    ]);
    expect([0.1, 1, 1000].map((value) => english.amountTick(value))).toEqual(['0.1', '1', '1,000']);
    expect(plain(german.bytesTick(1.5 * 2 ** 30))).toBe('1,5 GiB');
  });

  it.each([
    [null, '–'],
    [Number.NaN, '–'],
    [0, '0.0%'],
    [0.00001, '< 0.01%'],
    [0.0042, '0.42%'],
    [0.00996, '1.0%'],
    [0.8125, '81.3%'],
    [1, '100.0%'],
  ])('a share of %s is %s', (share, shown) => expect(english.percent(share)).toBe(shown));

  it.each([
    [4_400, '4 s'],
    [90_000, '2 min'],
    [3_590_000, '1.0 h'],
    [12_240_000, '3.4 h'],
    [4_444_444_000, '1,235 h'],
  ])('%d ms are %s', (ms, shown) => expect(plain(english.duration(ms))).toBe(shown));

  it('take short times and changes apart', () => {
    expect(plain(english.took(340))).toBe('340 ms');
    expect(plain(english.took(1250))).toBe('1.25 s');
    expect(english.took(null)).toBe('–');
    expect([0.034, -0.5, 0].map((share) => english.change(share))).toEqual(['+3.4%', '-50%', '0.0%']);
    expect([0.0092, -0.0004, 0].map((share) => plain(english.points(share)))).toEqual([
      ...['+0.9 pts', '-0.04 pts', '0.00 pts'],
    ]);
    expect(english.money(0.5, 'USD')).toBe('$0.50');
    expect(english.money(-0, 'USD')).toBe('$0.00');
  });
});
