import type { Units } from '../address/address.js';

/** Numbers as people read them, by the language of who reads. Runs in the browser; knows nothing of it. */

/** Shown where there is no figure. */
export const NO_FIGURE = '–';

const BYTE_UNITS: Readonly<Record<Units, readonly string[]>> = {
  GB: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'],
  GiB: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'],
};
const BIT_UNITS = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];
const GAP = '\u00a0';

/** A number and its unit, so that a page can set them apart. */
export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

export interface FormatOptions {
  /** BCP 47, such as `en-GB`; undefined: the browser's. */
  readonly locale: string | undefined;
  readonly units: Units;
}

export class Formats {
  readonly locale: string | undefined;
  readonly units: Units;
  readonly #numbers = new Map<string, Intl.NumberFormat>();

  constructor({ locale, units }: FormatOptions) {
    this.locale = locale;
    this.units = units;
  }

  /** Three digits: 12.3 GB or 11.5 GiB. */
  bytes(count: number, units: Units = this.units): Quantity {
    return this.#scaled(count, BYTE_UNITS[units], units === 'GB' ? 1000 : 1024);
  }

  bytesText(count: number, units: Units = this.units): string {
    return text(this.bytes(count, units));
  }

  /** Bytes a second as bits a second, as links are sold. */
  bitRate(bytesPerSecond: number): Quantity {
    return this.#scaled(bytesPerSecond * 8, BIT_UNITS, 1000);
  }

  bitRateText(bytesPerSecond: number): string {
    return text(this.bitRate(bytesPerSecond));
  }

  /** Beside an axis, where digits that say nothing are left out: 2 Gbit/s, not 2.00 Gbit/s. */
  bitRateTick(bytesPerSecond: number): string {
    if (bytesPerSecond === 0) return '0';
    return text(this.#scaled(bytesPerSecond * 8, BIT_UNITS, 1000, true));
  }

  /** The same of bytes. */
  bytesTick(count: number): string {
    if (count === 0) return '0';
    return text(this.#scaled(count, BYTE_UNITS[this.units], this.units === 'GB' ? 1000 : 1024, true));
  }

  /** 0 to 1 as percent: one digit after the point, two where the first would be lost. */
  percent(share: number | null): string {
    if (share === null || !Number.isFinite(share)) return NO_FIGURE;
    const size = Math.abs(share);
    if (size > 0 && size < 0.000_05) return `< ${this.#number(0.0001, { style: 'percent', digits: 2 })}`;
    return this.#number(share, { style: 'percent', digits: size > 0 && size < 0.009_95 ? 2 : 1 });
  }

  /** A whole number. */
  count(value: number): string {
    return this.#number(value, { digits: 0 });
  }

  /** Three digits, whatever the size. */
  amount(value: number): string {
    return this.#number(value, { digits: digitsOf(value) });
  }

  /** The same beside an axis, without zeros that say nothing. */
  amountTick(value: number): string {
    return this.#number(value, { digits: digitsOf(value), trimmed: true });
  }

  /** 45 s, 12 min, 3.4 h, 1,234 h. */
  duration(ms: number): string {
    const seconds = ms / 1000;
    if (seconds < 60) return `${this.count(seconds)}${GAP}s`;
    const minutes = seconds / 60;
    if (minutes < 59.5) return `${this.count(minutes)}${GAP}min`;
    const hours = minutes / 60;
    return `${this.#number(hours, { digits: hours < 10 ? 1 : 0 })}${GAP}h`;
  }

  /** 340 ms, 1.25 s: how long something took. */
  took(ms: number | null): string {
    if (ms === null) return NO_FIGURE;
    return ms < 999.5 ? `${this.count(ms)}${GAP}ms` : `${this.#number(ms / 1000, { digits: 2 })}${GAP}s`;
  }

  kilobits(kbps: number | null): string {
    return kbps === null ? NO_FIGURE : this.bitRateText((kbps * 1000) / 8);
  }

  /** @param currency ISO 4217. */
  money(value: number, currency: string): string {
    const digits = Math.abs(value) < 1000 ? 2 : 0;
    return this.#number(value === 0 ? 0 : value, { style: 'currency', currency, digits });
  }

  /** With its sign: how much more or less. */
  change(share: number): string {
    const digits = Math.abs(share) < 0.0995 ? 1 : 0;
    return this.#number(share, { style: 'percent', digits, signed: true });
  }

  /** What lies between two shares: +0.9 pts. */
  points(difference: number): string {
    const points = difference * 100;
    return `${this.#number(points, { digits: Math.abs(points) < 0.0995 ? 2 : 1, signed: true })}${GAP}pts`;
  }

  /** A share beside an axis. */
  percentTick(share: number): string {
    return this.#number(share, { style: 'percent', digits: Math.abs(share) < 0.1 ? 2 : 0, trimmed: true });
  }

  #scaled(amount: number, units: readonly string[], base: number, trimmed = false): Quantity {
    let index = 0;
    let value = Math.abs(amount);
    // 999.5 would be shown as 1000.
    while (value >= base - 0.5 && index < units.length - 1) {
      value /= base;
      index++;
    }
    const digits = index === 0 ? 0 : digitsOf(value);
    const signed = amount < 0 ? -value : value;
    return { value: this.#number(signed, { digits, trimmed }), unit: units[index] ?? '' };
  }

  #number(
    value: number,
    options: {
      readonly digits: number;
      readonly style?: 'percent' | 'currency';
      readonly currency?: string;
      readonly signed?: boolean;
      /** Without zeros at its end. */
      readonly trimmed?: boolean;
    },
  ): string {
    const { digits, style, currency, signed, trimmed } = options;
    const name = `${digits} ${style} ${currency} ${signed} ${trimmed}`;
    let format = this.#numbers.get(name);
    if (format === undefined) {
      format = new Intl.NumberFormat(this.locale, {
        minimumFractionDigits: trimmed === true ? 0 : digits,
        maximumFractionDigits: digits,
        ...(style === undefined ? {} : { style }),
        ...(currency === undefined ? {} : { currency }),
        ...(signed === true ? { signDisplay: 'exceptZero' } : {}),
      });
      this.#numbers.set(name, format);
    }
    return format.format(value);
  }
}

/** The gap does not break. */
export function text({ value, unit }: Quantity): string {
  return `${value}${GAP}${unit}`;
}

function digitsOf(value: number): number {
  const size = Math.abs(value);
  if (size >= 99.95) return 0;
  return size >= 9.995 ? 1 : 2;
}
