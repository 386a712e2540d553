/** Numbers as people read them. Runs in the browser; knows nothing of it. */

/** Shown where there is no figure. */
export const NO_FIGURE = '–';

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
const BIT_UNITS = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'] as const;

/** A number and its unit, so that a page can set them apart. */
export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

/** Decimal units, three digits: 12.3 GB. */
export function bytes(count: number): Quantity {
  return scaled(count, BYTE_UNITS);
}

/** Bytes a second as bits a second, as links are sold. */
export function bitRate(bytesPerSecond: number): Quantity {
  return scaled(bytesPerSecond * 8, BIT_UNITS);
}

export function text({ value, unit }: Quantity): string {
  return `${value} ${unit}`;
}

/** 0 to 1 as percent: one digit after the point, two where the first would be lost. */
export function percent(share: number | null): string {
  if (share === null) return NO_FIGURE;
  const value = share * 100;
  if (value > 0 && value < 0.005) return '< 0.01%';
  return `${value.toFixed(value > 0 && value < 0.995 ? 2 : 1)}%`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** 45 s, 12 min, 3.4 h, 1,234 h. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 60) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  return `${hours < 10 ? hours.toFixed(1) : count(hours)} h`;
}

function scaled(amount: number, units: readonly string[]): Quantity {
  let index = 0;
  let value = amount;
  // 999.5 would be shown as 1000.
  while (value >= 999.5 && index < units.length - 1) {
    value /= 1000;
    index++;
  }
  const digits = index === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return { value: value.toFixed(digits), unit: units[index] ?? '' };
}
