import type { Clock } from '../components.js';
import { Throughput } from './throughput.js';

/** One channel that shares the uplink. */
export interface DrainingChannel {
  /** Ever handed to it. */
  readonly sentBytes: number;
  /** Of those, still in it. */
  readonly bufferedBytes: number;
}

/** Shorter looks say more about the channels' buffers than about the uplink. */
const SHORTEST_MS = 50;
/** After a longer look nobody knows whether the uplink was at work all the time. */
const LONGEST_MS = 500;

interface Look {
  readonly at: number;
  readonly busy: boolean;
  readonly leftBytes: ReadonlyMap<DrainingChannel, number>;
}

/** How fast the uplink takes bytes, from what was handed to channels and what still lies in them. */
export class DrainRate {
  readonly #clock: Clock;
  readonly #rate: Throughput;
  readonly #assumed: number;
  #look: Look | undefined;

  constructor(clock: Clock, assumedBytesPerSecond: number) {
    this.#clock = clock;
    this.#assumed = assumedBytesPerSecond;
    this.#rate = new Throughput(assumedBytesPerSecond);
  }

  get bytesPerSecond(): number {
    return this.#rate.bytesPerSecond ?? this.#assumed;
  }

  /** To be called often, with all channels whose other side reads. */
  observe(channels: Iterable<DrainingChannel>): void {
    const at = this.#clock.now();
    const before = this.#look;
    if (before !== undefined && at - before.at < SHORTEST_MS) return;
    let busy = false;
    let bytes = 0;
    const leftBytes = new Map<DrainingChannel, number>();
    for (const channel of channels) {
      const left = channel.sentBytes - channel.bufferedBytes;
      leftBytes.set(channel, left);
      bytes += Math.max(0, left - (before?.leftBytes.get(channel) ?? left));
      busy ||= channel.bufferedBytes > 0;
    }
    this.#look = { at, busy, leftBytes };
    // Nothing at all is somebody's silence, not a slow uplink.
    if (before === undefined || bytes === 0) return;
    const ms = at - before.at;
    if (before.busy && busy && ms <= LONGEST_MS) this.#rate.sample(bytes, ms);
    else this.#rate.atLeast(bytes, ms);
  }
}
