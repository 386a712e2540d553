/** Room in a ring of bytes, given back in the order in which it was taken. */
export class Ring {
  readonly #bytes: number;
  readonly #taken: { readonly at: number; readonly bytes: number }[] = [];
  #next = 0;

  constructor({ bytes }: { readonly bytes: number }) {
    this.#bytes = bytes;
  }

  /** Where so many bytes in a row are free. Undefined: nowhere until more is given back. */
  take(bytes: number): number | undefined {
    const oldest = this.#taken[0]?.at;
    const fits = (at: number, end: number): boolean => at + bytes <= end;
    let at: number | undefined;
    if (oldest === undefined) at = fits(0, this.#bytes) ? 0 : undefined;
    else if (oldest < this.#next) {
      if (fits(this.#next, this.#bytes)) at = this.#next;
      // Ends before the oldest begins: a full ring must not look like an empty one.
      else if (bytes < oldest) at = 0;
    } else if (this.#next + bytes < oldest) at = this.#next;
    if (at === undefined) return undefined;
    this.#taken.push({ at, bytes });
    this.#next = at + bytes;
    return at;
  }

  giveBackOldest(): void {
    this.#taken.shift();
  }
}
