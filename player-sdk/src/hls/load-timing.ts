import type { LoaderStats } from 'hls.js';
import type { Clock } from '../components.js';
import type { Acquired, Progress } from '../transfer/segment.js';

/** What this viewer's link does, for the times that hls.js is told. */
export interface LinkFigures {
  readonly bytesPerSecond: number;
  readonly roundTripMs: number;
}

/**
 * Keeps the statistics from which hls.js estimates bandwidth. What it must learn is what the viewer's own link can
 * do, whoever sends: so bytes from peers or from memory are dated as if the link had brought them, and time that
 * was waited on purpose is not counted.
 */
export class LoadTiming {
  readonly #stats: LoaderStats;
  readonly #clock: Clock;
  readonly #link: () => LinkFigures;

  constructor(stats: LoaderStats, clock: Clock, link: () => LinkFigures) {
    this.#stats = stats;
    this.#clock = clock;
    this.#link = link;
    stats.loading.start = clock.now();
  }

  /** To be called often: hls.js looks every 100 ms whether a fragment loads too slowly. */
  update({ loadedBytes, totalBytes, edge }: Progress): void {
    const { loading } = this.#stats;
    this.#stats.loaded = loadedBytes;
    if (totalBytes > 0) this.#stats.total = totalBytes;
    if (edge !== undefined) {
      loading.start = edge.startedAt;
      loading.first = edge.firstAt;
    } else if (loadedBytes > 0) {
      this.#backdate(loadedBytes);
    } else {
      loading.start = this.#clock.now();
      loading.first = 0;
    }
  }

  finish({ bytes, timing }: Acquired): void {
    const { loading } = this.#stats;
    this.#stats.loaded = bytes.length;
    this.#stats.total = bytes.length;
    if (timing === undefined) {
      loading.end = this.#clock.now();
      this.#backdate(bytes.length);
    } else {
      loading.start = timing.startedAt;
      loading.first = timing.firstAt;
      loading.end = timing.endedAt;
    }
  }

  #backdate(bytes: number): void {
    const { bytesPerSecond, roundTripMs } = this.#link();
    const { loading } = this.#stats;
    loading.first = this.#clock.now() - (bytes * 1000) / bytesPerSecond;
    loading.start = loading.first - roundTripMs;
  }
}
