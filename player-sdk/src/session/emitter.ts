import type { Unsubscribe } from '../components.js';

type Listener<Value> = (value: Value) => void;

/** Typed events. A listener that throws does not keep the others from hearing. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Unsubscribe {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    const listeners = (this.#listeners.get(name) ?? new Set()) as Set<Listener<Events[Name]>>;
    for (const listener of [...listeners]) {
      try {
        listener(value);
      } catch (error) {
        console.error(`A listener for Eddy's "${String(name)}" failed`, error);
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
