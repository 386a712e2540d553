import type { Clock } from '../components.js';

/** As much of a media element as watching it needs. */
export interface WatchedMedia extends EventTarget {
  readonly paused: boolean;
  readonly seeking: boolean;
  readonly ended: boolean;
  /** From `HAVE_FUTURE_DATA` on the picture can move. */
  readonly readyState?: number;
}

/**
 * `idle`: no frame yet. `playing`: the picture moves. `stalled`: it should and does not.
 * `resting`: paused, seeking or at the end: it need not.
 */
export type PlaybackState = 'idle' | 'playing' | 'stalled' | 'resting';

/** `HTMLMediaElement.HAVE_FUTURE_DATA`. */
const HAVE_FUTURE_DATA = 3;

const EVENTS = ['playing', 'waiting', 'timeupdate', 'pause', 'seeking', 'ended', 'emptied'] as const;

/** Measures how long the picture moved, and how long it stood still for want of data. */
export class PlaybackWatch {
  readonly #clock: Clock;
  readonly #onFirstFrame: () => void;
  #media: WatchedMedia | undefined;
  #state: PlaybackState = 'idle';
  #since: number;
  #watchedMs = 0;
  #rebufferMs = 0;
  #rebuffers = 0;
  readonly #wantedAt: number;
  #startupMs: number | undefined;
  #starvationsMs: number[] = [];

  /** `onFirstFrame`: the picture has begun to move, for the first time. */
  constructor(clock: Clock, onFirstFrame: () => void = () => {}) {
    this.#clock = clock;
    this.#onFirstFrame = onFirstFrame;
    this.#since = clock.now();
    this.#wantedAt = this.#since;
  }

  get state(): PlaybackState {
    return this.#state;
  }

  get watchedMs(): number {
    return this.#watchedMs + this.#elapsedIn('playing');
  }

  get rebufferMs(): number {
    return this.#rebufferMs + this.#elapsedIn('stalled');
  }

  /** Times that it stood still, after the first frame. */
  get rebuffers(): number {
    return this.#rebuffers;
  }

  /** From the first to the first frame, once; then undefined. */
  takeStartupMs(): number | undefined {
    const taken = this.#startupMs;
    this.#startupMs = undefined;
    return taken;
  }

  /** How long it stood still, each time that has ended since this was asked before. */
  takeStarvationsMs(): number[] {
    const taken = this.#starvationsMs;
    this.#starvationsMs = [];
    return taken;
  }

  watch(media: WatchedMedia): void {
    this.release();
    this.#media = media;
    for (const name of EVENTS) media.addEventListener(name, this.#onEvent);
    // It plays already: nothing would say so.
    const moves = (media.readyState ?? 0) >= HAVE_FUTURE_DATA && !restsNow(media);
    if (moves && this.#state === 'idle') this.#enter('playing');
  }

  release(): void {
    for (const name of EVENTS) this.#media?.removeEventListener(name, this.#onEvent);
    this.#media = undefined;
    if (this.#state !== 'idle') this.#enter('resting');
  }

  readonly #onEvent = ({ type }: Event): void => {
    const media = this.#media;
    if (media === undefined) return;
    const rests = restsNow(media);
    switch (type) {
      case 'playing':
        if (!rests) this.#enter('playing');
        break;
      case 'timeupdate':
        // After a seek within the buffer, or a pause, nothing else says that the picture moves again.
        if (!rests && this.#state === 'resting') this.#enter('playing');
        break;
      case 'waiting':
        if (rests || this.#state !== 'playing') break;
        this.#rebuffers++;
        this.#enter('stalled');
        break;
      default:
        if (this.#state !== 'idle') this.#enter('resting');
    }
  };

  #enter(state: PlaybackState): void {
    if (state === this.#state) return;
    this.#watchedMs += this.#elapsedIn('playing');
    this.#rebufferMs += this.#elapsedIn('stalled');
    const isFirst = this.#state === 'idle';
    if (this.#state === 'stalled') this.#starvationsMs.push(Math.round(this.#elapsedIn('stalled')));
    if (isFirst && state === 'playing') this.#startupMs = this.#clock.now() - this.#wantedAt;
    this.#state = state;
    this.#since = this.#clock.now();
    if (isFirst) this.#onFirstFrame();
  }

  #elapsedIn(state: PlaybackState): number {
    return this.#state === state ? this.#clock.now() - this.#since : 0;
  }
}

function restsNow({ paused, seeking, ended }: WatchedMedia): boolean {
  return paused || seeking || ended;
}
