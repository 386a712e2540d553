/** What streams beyond the bound are summed up as. No path is called so. */
export const OTHER_STREAMS = '(other streams)';
export const OTHER_NETWORKS = '(other networks)';

export interface BoundedNamesOptions {
  readonly maxPerMinute: number;
  /** What the rest is called. */
  readonly others: string;
}

/** Tells a bounded number of names apart in each minute: they come from players, who could make up any number. */
export class BoundedNames {
  readonly #options: BoundedNamesOptions;
  #minute = 0;
  #names = new Set<string>();

  constructor(options: BoundedNamesOptions) {
    this.#options = options;
  }

  nameOf(name: string, minute: number): string {
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#names = new Set();
    }
    if (!this.#names.has(name)) {
      if (this.#names.size >= this.#options.maxPerMinute) return this.#options.others;
      this.#names.add(name);
    }
    return name;
  }
}
