import type { PageStorage } from './page-storage.js';

const KEY = 'eddy-uploaded';
const KEPT = /^(\S{1,32}) (\d{1,15})$/;

export interface DayMeterComponents {
  readonly storage: PageStorage;
  /** A name of the viewer's present day, as `2026-11-26`. */
  readonly today: () => string;
}

/** What this device has uploaded today, by all players of the site in all its tabs; over reloads where storage lasts. */
export class DayMeter {
  readonly #storage: PageStorage;
  readonly #today: () => string;
  /** As counted here: what was kept may be cleared by the viewer, which earns nothing. */
  #seen = { day: '', bytes: 0 };

  constructor({ storage, today }: DayMeterComponents) {
    this.#storage = storage;
    this.#today = today;
  }

  get bytes(): number {
    const day = this.#today();
    const seen = this.#seen.day === day ? this.#seen.bytes : 0;
    const [, keptDay, keptBytes] = KEPT.exec(this.#storage.get(KEY) ?? '') ?? [];
    return keptDay === day ? Math.max(seen, Number(keptBytes)) : seen;
  }

  add(bytes: number): void {
    if (bytes <= 0) return;
    this.#seen = { day: this.#today(), bytes: this.bytes + bytes };
    this.#storage.set(KEY, `${this.#seen.day} ${this.#seen.bytes}`);
  }
}

/** By the device's own calendar and clock. */
export function localDay(): string {
  const now = new Date();
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
