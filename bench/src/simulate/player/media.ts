import type { Clock, Timers } from '@eddy/player-sdk/internal';

/** `HTMLMediaElement.readyState`: nothing, the current frame only, enough. */
const HAVE_NOTHING = 0;
const HAVE_CURRENT_DATA = 2;
const HAVE_ENOUGH_DATA = 4;

/** A media element whose picture moves while there is something in its buffer. */
export class SimulatedMedia extends EventTarget {
  readonly paused = false;
  readonly seeking = false;
  readonly playbackRate = 1;
  readyState: number = HAVE_NOTHING;
  ended = false;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #endsAt: number;
  #position = 0;
  #since: number;
  #bufferEnd = 0;
  #moving = false;
  #stalledMs = 0;
  #playedMs = 0;
  #stalls = 0;
  #cancelTimer: () => void = () => {};

  /** `endsAt`: seconds, where the presentation is over. */
  constructor({ clock, timers }: { clock: Clock; timers: Timers }, endsAt: number) {
    super();
    this.#clock = clock;
    this.#timers = timers;
    this.#endsAt = endsAt;
    this.#since = clock.now();
  }

  get currentTime(): number {
    return this.#moving ? this.#position + this.#sinceMs / 1000 : this.#position;
  }

  get bufferEnd(): number {
    return this.#bufferEnd;
  }

  get started(): boolean {
    return this.readyState !== HAVE_NOTHING;
  }

  get playedMs(): number {
    return this.#playedMs + (this.#moving ? this.#sinceMs : 0);
  }

  /** Standing still for want of data, after the first frame. */
  get stalledMs(): number {
    return this.#stalledMs + (this.started && !this.#moving && !this.ended ? this.#sinceMs : 0);
  }

  get stalls(): number {
    return this.#stalls;
  }

  seek(position: number): void {
    this.#position = position;
    this.#bufferEnd = position;
  }

  append(end: number): void {
    this.#bufferEnd = Math.max(this.#bufferEnd, end);
    if (!this.#moving && !this.ended && this.#bufferEnd > this.#position) this.#move();
    this.#arm();
  }

  /** Nobody watches any more. */
  stop(): void {
    this.#settle();
    this.#moving = false;
    this.ended = true;
    this.#cancelTimer();
  }

  get #sinceMs(): number {
    return this.#clock.now() - this.#since;
  }

  #move(): void {
    this.#settle();
    this.#moving = true;
    this.readyState = HAVE_ENOUGH_DATA;
    this.dispatchEvent(new Event('playing'));
  }

  #arm(): void {
    this.#cancelTimer();
    if (!this.#moving) return;
    const ms = (this.#bufferEnd - this.currentTime) * 1000;
    this.#cancelTimer = this.#timers.after(ms, () => this.#runDry());
  }

  #runDry(): void {
    this.#settle();
    this.#moving = false;
    this.#position = this.#bufferEnd;
    if (this.#position >= this.#endsAt) {
      this.ended = true;
      this.dispatchEvent(new Event('ended'));
      return;
    }
    this.#stalls++;
    this.readyState = HAVE_CURRENT_DATA;
    this.dispatchEvent(new Event('waiting'));
  }

  /** Counts what has passed in the state that ends now. */
  #settle(): void {
    const ms = this.#sinceMs;
    if (this.#moving) {
      this.#playedMs += ms;
      this.#position += ms / 1000;
    } else if (this.started && !this.ended) {
      this.#stalledMs += ms;
    }
    this.#since = this.#clock.now();
  }
}
