import type { Clock, Timers, Unsubscribe } from '../components.js';

/** How an edge is to be left. */
export interface DrainOrder {
  /** Players go within this time, each at its own; connections that nobody uses by then are closed. */
  readonly deadlineMs: number;
  /** Base URLs of edges that players go to instead; empty: where they find one. */
  readonly to: readonly string[];
}

export interface DrainComponents {
  /** Monotonic. */
  readonly clock: Clock;
  readonly timers: Timers;
}

/** What others do about a drain. */
export interface DrainListener {
  /** It has begun, or (undefined) is taken back. */
  onChange(order: DrainOrder | undefined): void;
  /** Time is up. */
  onDeadline?(): void;
}

/**
 * Whether this edge is being left. It still answers whatever it is asked: it only says everywhere that others should
 * be asked from now on.
 */
export class Drain {
  readonly #components: DrainComponents;
  readonly #listeners = new Set<DrainListener>();
  #order: DrainOrder | undefined;
  #sinceMs = 0;
  #cancelDeadline: () => void = () => {};

  constructor(components: DrainComponents) {
    this.#components = components;
  }

  /** Undefined: nobody leaves. */
  get order(): DrainOrder | undefined {
    return this.#order;
  }

  /** How long ago it began, in milliseconds; 0 where it has not. */
  get agoMs(): number {
    return this.#order === undefined ? 0 : this.#components.clock.now() - this.#sinceMs;
  }

  /** False: it had begun already, and the first order stays. */
  begin(order: DrainOrder): boolean {
    if (this.#order !== undefined) return false;
    this.#order = order;
    this.#sinceMs = this.#components.clock.now();
    this.#cancelDeadline = this.#components.timers.after(order.deadlineMs, () => {
      for (const listener of this.#listeners) listener.onDeadline?.();
    });
    this.#tell();
    return true;
  }

  /** False: there was nothing to take back. */
  end(): boolean {
    if (this.#order === undefined) return false;
    this.#cancelDeadline();
    this.#order = undefined;
    this.#tell();
    return true;
  }

  /** Forgets the deadline; for an edge that stops. */
  close(): void {
    this.#cancelDeadline();
  }

  listen(listener: DrainListener): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener.onChange(this.#order);
  }
}
