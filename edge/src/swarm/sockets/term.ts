import type { Clock, Timers } from '../../components.js';

export interface TermComponents {
  readonly timers: Timers;
  /** Since the epoch. */
  readonly wallClock: Clock;
}

export interface TermEvents {
  /** The end is near. */
  onEnding(withinMs: number): void;
  onEnded(): void;
}

/** A player is told so long before its token ends; of a shorter one, at half of its time. */
const WARN_MS = 60_000;
/** Clocks are set, and timers know only 24 days. */
const LONGEST_WAIT_MS = 3_600_000;

/** How long a player may stay: until its token ends, which may be put off by another one. */
export class Term {
  readonly #components: TermComponents;
  readonly #events: TermEvents;
  #endsAtMs: number | undefined;
  #warnAtMs: number | undefined;
  #cancel: () => void = () => {};

  constructor(components: TermComponents, events: TermEvents) {
    this.#components = components;
    this.#events = events;
  }

  /** Undefined: for good. */
  set(endsAtMs: number | undefined): void {
    this.#endsAtMs = endsAtMs;
    const left = this.leftMs;
    this.#warnAtMs = endsAtMs === undefined ? undefined : endsAtMs - Math.min(WARN_MS, left / 2);
    this.#wait();
  }

  /** Infinite without an end. */
  get leftMs(): number {
    if (this.#endsAtMs === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#endsAtMs - this.#components.wallClock.now());
  }

  close(): void {
    this.#cancel();
  }

  #wait(): void {
    this.#cancel();
    if (this.#endsAtMs === undefined) return;
    const nextMs = (this.#warnAtMs ?? this.#endsAtMs) - this.#components.wallClock.now();
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(0, Math.ceil(nextMs)));
    this.#cancel = this.#components.timers.after(waitMs, () => this.#look());
  }

  #look(): void {
    const now = this.#components.wallClock.now();
    if (this.#endsAtMs !== undefined && now >= this.#endsAtMs) {
      this.#events.onEnded();
      return;
    }
    if (this.#warnAtMs !== undefined && now >= this.#warnAtMs) {
      this.#warnAtMs = undefined;
      this.#events.onEnding(this.leftMs);
    }
    this.#wait();
  }
}
