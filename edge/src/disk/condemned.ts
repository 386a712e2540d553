import type { DiskStore } from './disk-store.js';
import type { DiskMatch } from './disk-tier.js';

/** More than so many purges of a disk that is away empty it when it comes back. */
const MOST = 10_000;

/** Purges that the disk did not carry out. */
export class Condemned {
  readonly #keys: Set<string> = new Set();
  #matches: DiskMatch[] = [];

  get isEmpty(): boolean {
    return this.#keys.size === 0 && this.#matches.length === 0;
  }

  addKey(key: string): void {
    this.#keys.add(key);
    if (this.#keys.size > MOST) this.#condemnAll();
  }

  addMatch(matches: DiskMatch): void {
    this.#matches.push(matches);
    if (this.#matches.length > MOST) this.#condemnAll();
  }

  /** Forgets them when all are done. @throws DiskPurgeError */
  async carryOut(store: DiskStore): Promise<void> {
    const matches = this.#matches;
    const keys = new Set(this.#keys);
    await store.deleteWhere((labels) => keys.has(labels.key) || matches.some((match) => match(labels)));
    for (const key of keys) this.#keys.delete(key);
    this.#matches = this.#matches.filter((match) => !matches.includes(match));
  }

  #condemnAll(): void {
    this.#keys.clear();
    this.#matches = [() => true];
  }
}
