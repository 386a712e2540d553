/** So many tasks at a time; others wait, first come first served. */
export class Slots {
  readonly #count: number;
  readonly #waiting: (() => void)[] = [];
  /** Of `#waiting`, how many had their turn. */
  #served = 0;
  #running = 0;

  constructor({ count }: { readonly count: number }) {
    this.#count = count;
  }

  get waiting(): number {
    return this.#waiting.length - this.#served;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#count) this.#running++;
    else await new Promise<void>((turn) => void this.#waiting.push(turn));
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  /** The slot goes to the one that waited longest, so that no newcomer slips in between. */
  #next(): void {
    const turn = this.#waiting[this.#served];
    if (turn === undefined) {
      this.#running--;
      return;
    }
    this.#served++;
    if (this.#served > 256 || this.#served === this.#waiting.length) {
      this.#waiting.splice(0, this.#served);
      this.#served = 0;
    }
    turn();
  }
}
