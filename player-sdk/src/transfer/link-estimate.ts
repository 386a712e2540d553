import type { EdgeTiming } from './edge-source.js';

/** Share of the newest sample. */
const NEWEST = 0.3;
/** Smaller answers say more about the round trip than about the link. */
const SMALLEST_BYTES = 32 * 1024;
/** Clocks of browsers are coarse: what came in less time counts as this. */
const SHORTEST_MS = 5;
const ASSUMED_ROUND_TRIP_MS = 50;

/** What this viewer's own link does, measured on answers of the edge, and raised by what peers brought faster. */
export class LinkEstimate {
  #bytesPerSecond: number | undefined;
  #edgeBytesPerSecond: number | undefined;
  #roundTripMs: number | undefined;

  /** Of the link. Undefined before anything was measured. */
  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond;
  }

  /** From a request to its first byte. */
  get roundTripMs(): number {
    return this.#roundTripMs ?? ASSUMED_ROUND_TRIP_MS;
  }

  /** Of the edge over the link; undefined before its first answer. */
  get toEdge(): { readonly bytesPerSecond: number | undefined; readonly roundTripMs: number } {
    return { bytesPerSecond: this.#edgeBytesPerSecond, roundTripMs: this.roundTripMs };
  }

  /** A finished answer of the edge. */
  edge({ startedAt, firstAt, endedAt, loadedBytes }: EdgeTiming): void {
    if (firstAt <= 0) return;
    const roundTripMs = Math.max(0, firstAt - startedAt);
    this.#roundTripMs = blend(this.#roundTripMs, roundTripMs);
    if (loadedBytes < SMALLEST_BYTES) return;
    const rate = (loadedBytes * 1000) / Math.max(SHORTEST_MS, endedAt - firstAt);
    this.#edgeBytesPerSecond = blend(this.#edgeBytesPerSecond, rate);
    this.#bytesPerSecond = blend(this.#bytesPerSecond, rate);
  }

  /** Bytes that peers brought: slow ones say nothing about this end of the link, fast ones do. */
  peers(bytes: number, ms: number): void {
    if (bytes < SMALLEST_BYTES) return;
    const rate = (bytes * 1000) / Math.max(SHORTEST_MS, ms);
    if (this.#bytesPerSecond !== undefined && rate > this.#bytesPerSecond) {
      this.#bytesPerSecond = blend(this.#bytesPerSecond, rate);
    }
  }
}

function blend(before: number | undefined, sample: number): number {
  return before === undefined ? sample : before + NEWEST * (sample - before);
}
