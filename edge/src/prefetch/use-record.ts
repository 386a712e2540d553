import type { Clock } from '../components.js';

export interface UseRecordOptions {
  /** Below this share of used ones prefetching pauses. */
  readonly minUsePercent: number;
}

/** What nobody asked for after this long was fetched in vain. */
const USE_WITHIN_MS = 60_000;
/** The share is taken over this many, and means nothing below half of them. */
const WINDOW = 100;
const PAUSE_MS = 60_000;
/** Most that are waited for; the oldest beyond them count as unused. */
const MAX_WAITING = 10_000;

/** Which of the prefetched were used. Pauses when they are too few, and then starts to count anew. */
export class UseRecord {
  readonly #clock: Clock;
  readonly #minUsePercent: number;
  /** When each was fetched; the oldest first. */
  readonly #waiting = new Map<string, number>();
  readonly #window: boolean[] = [];
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  used = 0;
  unused = 0;

  constructor({ clock }: { readonly clock: Clock }, { minUsePercent }: UseRecordOptions) {
    this.#clock = clock;
    this.#minUsePercent = minUsePercent;
  }

  fetched(name: string): void {
    this.#waiting.set(name, this.#clock.now());
    if (this.#waiting.size > MAX_WAITING) this.#expireOldest();
  }

  /** A fill that failed says nothing about use. */
  failed(name: string): void {
    this.#waiting.delete(name);
  }

  requested(name: string): void {
    if (this.#waiting.size > 0 && this.#waiting.delete(name)) this.#settle(true);
  }

  /** Whether to pause. */
  get wasteful(): boolean {
    const nowMs = this.#clock.now();
    for (const fetchedAtMs of this.#waiting.values()) {
      if (nowMs - fetchedAtMs < USE_WITHIN_MS) break;
      this.#expireOldest();
    }
    if (nowMs < this.#pausedUntilMs) return true;
    if (this.#window.length < WINDOW / 2) return false;
    const usedPercent = (100 * this.#window.filter(Boolean).length) / this.#window.length;
    if (usedPercent >= this.#minUsePercent) return false;
    this.#pausedUntilMs = nowMs + PAUSE_MS;
    this.#window.length = 0;
    return true;
  }

  #expireOldest(): void {
    for (const name of this.#waiting.keys()) {
      this.#waiting.delete(name);
      this.#settle(false);
      return;
    }
  }

  #settle(used: boolean): void {
    if (used) this.used++;
    else this.unused++;
    this.#window.push(used);
    if (this.#window.length > WINDOW) this.#window.shift();
  }
}
