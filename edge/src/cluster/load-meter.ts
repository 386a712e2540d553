/** Bytes a second over the last seconds, from a count that only grows. */
export class LoadMeter {
  readonly #overMs: number;
  #bytes: number;
  #atMs: number;
  #perSecond = 0;

  /** `overMs`: what is older counts for little. */
  constructor({ bytes, nowMs, overMs }: { bytes: number; nowMs: number; overMs: number }) {
    this.#bytes = bytes;
    this.#atMs = nowMs;
    this.#overMs = overMs;
  }

  read(bytes: number, nowMs: number): number {
    const passedMs = nowMs - this.#atMs;
    if (passedMs <= 0) return this.#perSecond;
    const newest = (Math.max(0, bytes - this.#bytes) * 1000) / passedMs;
    const weight = 1 - Math.exp(-passedMs / this.#overMs);
    this.#perSecond += weight * (newest - this.#perSecond);
    this.#bytes = bytes;
    this.#atMs = nowMs;
    return Math.round(this.#perSecond);
  }
}
