import type { Unsubscribe } from '../components.js';

/** Those who want to hear of something. One that throws does not keep the others from hearing. */
export class Listeners<Heard extends readonly unknown[]> {
  readonly #all = new Set<(...heard: Heard) => void>();

  get size(): number {
    return this.#all.size;
  }

  add(listener: (...heard: Heard) => void): Unsubscribe {
    // A function may listen twice, and is then told twice.
    const own = (...heard: Heard): void => listener(...heard);
    this.#all.add(own);
    return () => void this.#all.delete(own);
  }

  tell(...heard: Heard): unknown[] {
    const errors: unknown[] = [];
    for (const listener of [...this.#all]) {
      try {
        listener(...heard);
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }

  clear(): void {
    this.#all.clear();
  }
}
