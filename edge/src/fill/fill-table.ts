import { Fill, type FillSubject, type PurgeMatch } from './fill.js';

export type Joined =
  /** Nobody fills this yet: the caller starts it. */
  | { readonly role: 'writer'; readonly fill: Fill }
  /** Somebody does: the caller waits with the others. */
  | { readonly role: 'reader'; readonly fill: Fill }
  /** Too many other objects are being filled. */
  | { readonly role: 'refused' };

export interface FillTableOptions {
  readonly maxFills: number;
}

/** At most one fill a key. */
export class FillTable {
  readonly #fills = new Map<string, Fill>();
  readonly #running = new Set<Fill>();
  readonly #maxFills: number;

  constructor({ maxFills }: FillTableOptions) {
    this.#maxFills = maxFills;
  }

  /** Fills under way, also those that nobody can join any more. */
  get size(): number {
    return this.#running.size;
  }

  has(key: string): boolean {
    return this.#fills.has(key);
  }

  /** One that can be joined. */
  get(key: string): Fill | undefined {
    return this.#fills.get(key);
  }

  join(subject: FillSubject): Joined {
    const running = this.#fills.get(subject.key);
    if (running !== undefined) return { role: 'reader', fill: running };
    if (this.#running.size >= this.#maxFills) return { role: 'refused' };
    const fill: Fill = new Fill(subject, () => this.unlist(fill));
    this.#fills.set(subject.key, fill);
    this.#running.add(fill);
    return { role: 'writer', fill };
  }

  /** The fill is over. */
  remove(fill: Fill): void {
    this.unlist(fill);
    this.#running.delete(fill);
  }

  /** Whoever comes from now on starts anew; what is under way is not stored. Returns the paths of those known to match. */
  purge(matches: PurgeMatch): string[] {
    const doomed: string[] = [];
    for (const fill of this.#running) {
      fill.onPurge(matches);
      if (!matches({ path: fill.path, tags: [] })) continue;
      doomed.push(fill.path);
      this.unlist(fill);
    }
    return doomed;
  }

  /** Nobody can join it any more. */
  unlist(fill: Fill): void {
    if (this.#fills.get(fill.key) === fill) this.#fills.delete(fill.key);
  }
}
