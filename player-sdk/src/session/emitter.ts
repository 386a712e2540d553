import type { Unsubscribe } from '../components.js';

type Listener<Value> = (value: Value) => void;

/** Typed events. A listener that throws does not keep the others from hearing. */
export class Emitter<Events extends object> {
  #listeners: { [Name in keyof Events]?: Set<Listener<Events[Name]>> } = {};

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Unsubscribe {
    const listeners = this.#listeners[name] ?? new Set<Listener<Events[Name]>>();
    this.#listeners[name] = listeners;
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of [...(this.#listeners[name] ?? [])]) {
      try {
        listener(value);
      } catch (error) {
        console.error(`A listener for Eddy's "${String(name)}" failed`, error);
      }
    }
  }

  clear(): void {
    this.#listeners = {};
  }
}
