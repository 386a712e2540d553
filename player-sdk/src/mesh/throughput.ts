/** Share of the newest sample. Three or four answers are enough to notice that a peer's link changed. */
const NEWEST = 0.3;

/** Bytes a second, smoothed over samples. */
export class Throughput {
  #bytesPerSecond: number | undefined;

  /** `assumed` stands until samples have outweighed it. */
  constructor(assumed?: number) {
    this.#bytesPerSecond = assumed;
  }

  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond;
  }

  sample(bytes: number, ms: number): void {
    // Below a millisecond the clock says more about itself than about the link.
    const rate = (bytes * 1000) / Math.max(1, ms);
    this.#bytesPerSecond =
      this.#bytesPerSecond === undefined
        ? rate
        : this.#bytesPerSecond + NEWEST * (rate - this.#bytesPerSecond);
  }

  /** What was seen is less than the link can do: raises the figure, never lowers it. */
  atLeast(bytes: number, ms: number): void {
    const rate = (bytes * 1000) / Math.max(1, ms);
    if (this.#bytesPerSecond !== undefined && rate > this.#bytesPerSecond) this.#bytesPerSecond = rate;
  }
}
