/** What a viewer receives over: one thing after another, in the order in which it arrives. */
export class Downlink {
  readonly #bytesPerMs: number;
  #freeAt = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** When `bytes`, the last of which arrive at `arrivesAt`, are through. What flowed in slowly takes no longer. */
  through(bytes: number, arrivesAt: number): number {
    const ms = bytes / this.#bytesPerMs;
    this.#freeAt = Math.max(this.#freeAt, arrivesAt - ms) + ms;
    return this.#freeAt;
  }
}
