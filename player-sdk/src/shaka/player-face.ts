import type { FragmentLoaderConstructor, HlsConfig } from 'hls.js';
import { type HlsPlayer, PLAYER_EVENTS, type PlayerListener, type PlaylistDetails } from '../hls/player.js';
import { PluginLoader } from './plugin-loader.js';
import { Renditions, type ShakaRendition } from './renditions.js';
import type { ShakaBuffered, ShakaPlayer } from './shaka-api.js';

/** Shaka joins ranges that lie this close together when it plays, in seconds. */
const GAP_SECONDS = 0.5;
/** What Shaka assumes before it has measured, bits a second. */
const FIRST_ESTIMATE = 1_000_000;

/** A Shaka player as the SDK sees players: with the words of hls.js. */
export class PlayerFace implements HlsPlayer {
  // Both are hls.js's fields: the SDK puts its fragment loader into `fLoader`.
  readonly config: { fLoader?: FragmentLoaderConstructor; loader: HlsConfig['loader'] } = {
    loader: PluginLoader as unknown as HlsConfig['loader'],
  };
  readonly renditions: Renditions = new Renditions();
  readonly #player: ShakaPlayer;
  readonly #listeners = new Map<string, Set<PlayerListener>>();

  constructor(player: ShakaPlayer) {
    this.#player = player;
  }

  get url(): string | null {
    // A manifest of another kind names no segments: such a presentation is none of ours.
    if (this.renditions.all.length === 0) return null;
    const uri = this.#player.getAssetUri();
    return uri === null ? null : new URL(uri, document.baseURI).href;
  }

  get media(): HTMLMediaElement | null {
    return this.#player.getMediaElement();
  }

  get bandwidthEstimate(): number {
    return this.#player.getStats().estimatedBandwidth || FIRST_ESTIMATE;
  }

  get levels(): readonly ShakaLevel[] {
    return this.renditions.all.map(({ details, bitrate }) =>
      bitrate === undefined ? { details } : { details, bitrate },
    );
  }

  get audioTracks(): readonly ShakaLevel[] {
    return this.levels;
  }

  get latestLevelDetails(): PlaylistDetails | null {
    const { live, edgeSeconds } = this.renditions;
    return edgeSeconds === undefined ? null : { live, edge: edgeSeconds };
  }

  get mainForwardBufferInfo(): BufferInfo | null {
    const { video, audio } = this.#player.getBufferedInfo();
    return this.#ahead(video.length > 0 ? video : audio);
  }

  get audioForwardBufferInfo(): BufferInfo | null {
    return this.#ahead(this.#player.getBufferedInfo().audio);
  }

  on(event: string, listener: PlayerListener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  off(event: string, listener: PlayerListener): void {
    this.#listeners.get(event)?.delete(listener);
  }

  emit(event: keyof typeof PLAYER_EVENTS, data: object = {}): void {
    const name = PLAYER_EVENTS[event];
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(name, data);
  }

  #ahead(ranges: readonly ShakaBuffered[]): BufferInfo | null {
    const { media } = this;
    if (media === null) return null;
    const { currentTime } = media;
    let end = currentTime;
    for (const range of ranges) {
      if (range.start <= end + GAP_SECONDS && range.end > end) end = range.end;
    }
    return { len: end - currentTime, start: currentTime, end, bufferedIndex: -1 };
  }
}

interface ShakaLevel {
  readonly details: ShakaRendition['details'];
  readonly bitrate?: number;
}

interface BufferInfo {
  readonly len: number;
  readonly start: number;
  readonly end: number;
  readonly bufferedIndex: number;
}
