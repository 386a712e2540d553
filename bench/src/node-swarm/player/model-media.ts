import type { Clock, Timers } from '@eddy/player-sdk/internal';

export interface MediaComponents {
  readonly clock: Clock;
  readonly timers: Timers;
}

/** `HTMLMediaElement.HAVE_NOTHING`, `HAVE_CURRENT_DATA`, `HAVE_ENOUGH_DATA`. */
const NOTHING = 0;
const CURRENT = 2;
const ENOUGH = 4;

/** A media element without a picture: its playhead goes by the clock for as long as something is buffered. */
export class ModelMedia extends EventTarget {
  readonly playbackRate = 1;
  readonly seeking = false;
  readonly ended = false;
  readonly #components: MediaComponents;
  #paused = false;
  #readyState = NOTHING;
  /** The playhead at `#since`, in seconds of the presentation. */
  #position = 0;
  #since = 0;
  #bufferedEnd = 0;
  #stalls = 0;
  #stalledMs = 0;
  #stalledSince: number | undefined;
  #cancelTimer: () => void = () => {};

  constructor(components: MediaComponents) {
    super();
    this.#components = components;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get readyState(): number {
    return this.#readyState;
  }

  get currentTime(): number {
    if (this.#readyState !== ENOUGH) return this.#position;
    const elapsed = (this.#components.clock.now() - this.#since) / 1000;
    return Math.min(this.#bufferedEnd, this.#position + elapsed * this.playbackRate);
  }

  /** Where what is buffered ends; the playhead's own place where nothing is. */
  get bufferedEnd(): number {
    return Math.max(this.#bufferedEnd, this.#position);
  }

  /** Times that the playhead stood still for want of data, and for how long. */
  get stalls(): number {
    return this.#stalls;
  }

  get stalledMs(): number {
    const since = this.#stalledSince;
    return this.#stalledMs + (since === undefined ? 0 : this.#components.clock.now() - since);
  }

  /** Puts the playhead where playback shall begin. */
  startAt(seconds: number): void {
    this.#position = seconds;
    this.#bufferedEnd = seconds;
  }

  /** What ends at `end` follows what is buffered. */
  append(end: number): void {
    this.#bufferedEnd = Math.max(this.#bufferedEnd, end);
    if (this.#readyState === ENOUGH) {
      this.#watch();
      return;
    }
    if (this.#stalledSince !== undefined) {
      this.#stalledMs += this.#components.clock.now() - this.#stalledSince;
      this.#stalledSince = undefined;
    }
    this.#readyState = ENOUGH;
    this.#since = this.#components.clock.now();
    this.#watch();
    this.dispatchEvent(new Event('playing'));
  }

  /** Nothing happens any more. */
  stop(): void {
    this.#position = this.currentTime;
    this.#readyState = NOTHING;
    this.#paused = true;
    this.#cancelTimer();
    this.dispatchEvent(new Event('pause'));
  }

  #watch(): void {
    this.#cancelTimer();
    const leftMs = ((this.#bufferedEnd - this.currentTime) * 1000) / this.playbackRate;
    this.#cancelTimer = this.#components.timers.after(leftMs, () => this.#onEndOfBuffer());
  }

  #onEndOfBuffer(): void {
    if (this.currentTime < this.#bufferedEnd) {
      this.#watch();
      return;
    }
    this.#position = this.#bufferedEnd;
    this.#readyState = CURRENT;
    this.#stalls++;
    this.#stalledSince = this.#components.clock.now();
    this.dispatchEvent(new Event('waiting'));
  }
}
