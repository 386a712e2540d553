import type { Unsubscribe } from '../components.js';
import { type Device, type Environment, QUIET_DEVICE } from '../manners/environment.js';

/** A device that is as a test says. */
export class FakeEnvironment implements Environment {
  device: Device = QUIET_DEVICE;
  readonly #listeners = new Set<() => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  onChange(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  become(change: Partial<Device>): void {
    this.device = { ...this.device, ...change };
    for (const listener of [...this.#listeners]) listener();
  }
}
