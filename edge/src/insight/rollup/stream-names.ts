/** What streams beyond the bound are summed up as. No path is called so. */
export const OTHER_STREAMS = '(other streams)';

/** Tells a bounded number of streams apart in each minute: names come from players, who could make up any number. */
export class StreamNames {
  readonly #max: number;
  #minute = 0;
  #names = new Set<string>();

  constructor(options: { readonly maxPerMinute: number }) {
    this.#max = options.maxPerMinute;
  }

  nameOf(presentation: string, minute: number): string {
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#names = new Set();
    }
    if (!this.#names.has(presentation)) {
      if (this.#names.size >= this.#max) return OTHER_STREAMS;
      this.#names.add(presentation);
    }
    return presentation;
  }
}
