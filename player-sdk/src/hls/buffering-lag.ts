import type { LoaderStats } from 'hls.js';
import { type HlsPlayer, PLAYER_EVENTS, type PlayerListener } from './player.js';

/** A longer one says more of a tab that stood still than of the next segment. */
const MAX_LAG_MS = 2_000;
/** What is left of an old one with each segment. */
const KEPT = 0.8;

/**
 * How long this player takes lately from a segment's last byte until it can be played: a few milliseconds, or some
 * hundred where processor or main thread are busy, above all while a page starts. By then the next one is needed.
 */
export class BufferingLag {
  readonly #player: HlsPlayer;
  readonly #onBuffered: PlayerListener;
  #ms = 0;

  constructor(player: HlsPlayer) {
    this.#player = player;
    this.#onBuffered = (_event, data) => {
      const { stats } = data as { readonly stats: Pick<LoaderStats, 'loading' | 'buffering'> };
      const lag = Math.min(MAX_LAG_MS, stats.buffering.end - stats.loading.end);
      this.#ms = Math.max(this.#ms * KEPT, lag);
    };
    player.on(PLAYER_EVENTS.fragBuffered, this.#onBuffered);
  }

  /** Milliseconds; 0 before the first segment. */
  get ms(): number {
    return this.#ms;
  }

  close(): void {
    this.#player.off(PLAYER_EVENTS.fragBuffered, this.#onBuffered);
  }
}
