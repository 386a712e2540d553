const ROWS = 4;
const MAX_COUNT = 15;

/**
 * How often objects were used lately: a count-min sketch with conservative update, whose counts are halved after
 * `sampleUses` uses, behind a doorkeeper that keeps what was used only once out of it.
 */
export class FrequencySketch {
  readonly #counts: Uint8Array;
  readonly #door: Uint8Array;
  readonly #mask: number;
  readonly #sampleUses: number;
  #uses = 0;

  constructor(options: { readonly slots: number; readonly sampleUses: number }) {
    const width = 2 ** Math.ceil(Math.log2(Math.max(16, options.slots)));
    this.#mask = width - 1;
    this.#counts = new Uint8Array(ROWS * width);
    this.#door = new Uint8Array(width);
    this.#sampleUses = options.sampleUses;
  }

  add(object: number): void {
    if (++this.#uses >= this.#sampleUses) this.#age();
    const at = mix(object, ROWS) & this.#mask;
    if (this.#door[at] === 0) {
      this.#door[at] = 1;
      return;
    }
    const least = this.#least(object);
    if (least === MAX_COUNT) return;
    for (let row = 0; row < ROWS; row++) {
      const slot = this.#slot(object, row);
      if (this.#counts[slot] === least) this.#counts[slot] = least + 1;
    }
  }

  estimate(object: number): number {
    return (this.#door[mix(object, ROWS) & this.#mask] ?? 0) + this.#least(object);
  }

  #least(object: number): number {
    let least = MAX_COUNT;
    for (let row = 0; row < ROWS; row++) least = Math.min(least, this.#counts[this.#slot(object, row)] ?? 0);
    return least;
  }

  #slot(object: number, row: number): number {
    return row * (this.#mask + 1) + (mix(object, row) & this.#mask);
  }

  #age(): void {
    this.#uses = 0;
    this.#door.fill(0);
    for (let at = 0; at < this.#counts.length; at++) this.#counts[at] = (this.#counts[at] ?? 0) >> 1;
  }
}

function mix(object: number, row: number): number {
  let mixed = Math.imul(object + 1, 0x9e3779b1 + 2 * row) ^ Math.imul(row + 1, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
