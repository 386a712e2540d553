import type { Clock } from '../components.js';
import { Throughput } from './throughput.js';

/** Shorter looks say more about the channel's buffers than about the uplink. */
const SHORTEST_MS = 50;
/** After a longer look nobody knows whether the uplink was at work all the time. */
const LONGEST_MS = 500;

/** How fast the uplink takes bytes, from what was handed to channels and what still lies in them. */
export class DrainRate {
  readonly #clock: Clock;
  readonly #rate: Throughput;
  readonly #assumed: number;
  #sentBytes = 0;
  #look: { at: number; leftBytes: number; busy: boolean } | undefined;

  constructor(clock: Clock, assumedBytesPerSecond: number) {
    this.#clock = clock;
    this.#assumed = assumedBytesPerSecond;
    this.#rate = new Throughput(assumedBytesPerSecond);
  }

  get bytesPerSecond(): number {
    return this.#rate.bytesPerSecond ?? this.#assumed;
  }

  sent(bytes: number): void {
    this.#sentBytes += bytes;
  }

  /** To be called often, with what lies in all channels now. */
  observe(bufferedBytes: number): void {
    const at = this.#clock.now();
    const leftBytes = this.#sentBytes - bufferedBytes;
    const busy = bufferedBytes > 0;
    const before = this.#look;
    const ms = before === undefined ? 0 : at - before.at;
    if (before !== undefined && ms < SHORTEST_MS) return;
    this.#look = { at, leftBytes, busy };
    if (before === undefined) return;
    const bytes = leftBytes - before.leftBytes;
    if (bytes < 0) return;
    if (before.busy && busy && ms <= LONGEST_MS) this.#rate.sample(bytes, ms);
    else this.#rate.atLeast(bytes, ms);
  }

  /** A channel closed and took bytes with it: what comes next is not comparable. */
  restart(): void {
    this.#look = undefined;
  }
}
