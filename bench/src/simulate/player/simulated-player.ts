import {
  type Clock,
  type HlsPlayer,
  PLAYER_EVENTS,
  type PlayerListener,
  type Timers,
} from '@eddy/player-sdk/internal';
import type {
  FragmentLoaderConstructor,
  FragmentLoaderContext,
  HlsConfig,
  LoaderConfiguration,
} from 'hls.js';
import { type Playlist, PRESENTATION_URL, type Stream } from '../edge/stream.js';
import { SimulatedMedia } from './media.js';
import { PlaylistSchedule } from './playlist-schedule.js';

export interface SimulatedPlayerComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly stream: Stream;
  /** Milliseconds since the stream's time 0, at the edge. */
  readonly streamTime: () => number;
  readonly loader: FragmentLoaderConstructor;
}

export interface SimulatedPlayerOptions {
  /** One way. */
  readonly edgeMs: number;
  readonly onFirstFrame: () => void;
}

/** hls.js's defaults. */
const LIVE_SYNC_TARGET_DURATIONS = 3;
const MAX_BUFFER_SECONDS = 30;
const MAX_BUFFER_BYTES = 60_000_000;
const MAX_MAX_BUFFER_SECONDS = 600;
const LOAD_POLICY = {
  maxTimeToFirstByteMs: 10_000,
  maxLoadTimeMs: 120_000,
  timeoutRetry: null,
  errorRetry: null,
};
/** From the bytes to a longer buffer: transmuxing and appending. */
const APPEND_MS = 15;
/** hls.js's own look at what to do, where nothing else makes it look. */
const TICK_MS = 100;
const RETRY_MS = 1_000;
const BANDWIDTH_ESTIMATE = 5_000_000;

/** Stands for hls.js 1.7 with a media element: what is loaded when, one rendition, no seeking. */
export class SimulatedPlayer {
  readonly url: string | null = PRESENTATION_URL;
  readonly bandwidthEstimate: number = BANDWIDTH_ESTIMATE;
  readonly config: { fLoader?: FragmentLoaderConstructor; loader: HlsConfig['loader'] };
  readonly levels: { details?: Playlist; bitrate: number }[];
  readonly audioTracks: never[] = [];
  readonly simulatedMedia: SimulatedMedia;
  readonly #components: SimulatedPlayerComponents;
  readonly #options: SimulatedPlayerOptions;
  readonly #listeners = new Map<string, Set<PlayerListener>>();
  readonly #schedule: PlaylistSchedule;
  #loader: { destroy(): void; abort(): void } | undefined;
  #nextSequence = 0;
  #advancedAt = 0;
  #stopped = false;
  #cancelTick: () => void = () => {};

  constructor(components: SimulatedPlayerComponents, options: SimulatedPlayerOptions) {
    this.#components = components;
    this.#options = options;
    const { bitsPerSecond, segmentSeconds, segments, live } = components.stream.options;
    // hls.js itself uses its general loader for fragments, by the same cast.
    this.config = { loader: components.loader as unknown as HlsConfig['loader'] };
    this.levels = [{ bitrate: bitsPerSecond }];
    this.#schedule = new PlaylistSchedule(segmentSeconds * 1000);
    this.simulatedMedia = new SimulatedMedia(
      components,
      live ? Number.POSITIVE_INFINITY : segments * segmentSeconds,
    );
  }

  /** For the session, which sees no more of it than of hls.js. */
  get asHls(): HlsPlayer {
    return this as unknown as HlsPlayer;
  }

  get media(): SimulatedMedia {
    return this.simulatedMedia;
  }

  get latestLevelDetails(): Playlist | null {
    return this.levels[0]?.details ?? null;
  }

  get mainForwardBufferInfo(): { len: number } {
    const { bufferEnd, currentTime } = this.simulatedMedia;
    return { len: Math.max(0, bufferEnd - currentTime) };
  }

  /** Seconds to the live edge, as hls.js reckons it; undefined before the playlist. */
  get latency(): number | undefined {
    const details = this.latestLevelDetails;
    if (details === null || !details.live) return undefined;
    const age = (this.#components.clock.now() - this.#advancedAt) / 1000;
    return details.edge + age - this.simulatedMedia.currentTime;
  }

  on(event: string, listener: PlayerListener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(event, listeners);
  }

  off(event: string, listener: PlayerListener): void {
    this.#listeners.get(event)?.delete(listener);
  }

  /** Begins with the multivariant playlist. */
  load(): void {
    const { edgeMs } = this.#options;
    // A new connection, then the playlist.
    this.#components.timers.after(4 * edgeMs, () => this.#loadPlaylist());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTick();
    this.#loader?.destroy();
    this.simulatedMedia.stop();
    this.#emit(PLAYER_EVENTS.destroying, {});
  }

  #loadPlaylist(): void {
    if (this.#stopped) return;
    const { clock, timers, streamTime } = this.#components;
    const requestedAt = clock.now();
    timers.after(this.#options.edgeMs, () => {
      const playlist = this.#components.stream.playlistAt(streamTime());
      timers.after(this.#options.edgeMs, () => this.#onPlaylist(playlist, requestedAt));
    });
  }

  #onPlaylist(playlist: Playlist, requestedAt: number): void {
    if (this.#stopped) return;
    const { clock, timers, stream } = this.#components;
    const before = this.latestLevelDetails;
    const updated = before !== playlist;
    if (updated) this.#advancedAt = clock.now();
    for (const level of this.levels) level.details = playlist;
    if (before === null) this.#chooseStart(playlist);
    if (playlist.live) {
      const at = this.#schedule.next({ requestedAt, now: clock.now(), updated });
      if (playlist.edge < stream.options.segments * stream.options.segmentSeconds) {
        timers.after(at - clock.now(), () => this.#loadPlaylist());
      }
    }
    this.#emit(PLAYER_EVENTS.levelUpdated, { details: playlist, level: 0 });
    this.#tick();
  }

  #chooseStart({ live, edge, startSN }: Playlist): void {
    const { segmentSeconds } = this.#components.stream.options;
    const start = live ? edge - LIVE_SYNC_TARGET_DURATIONS * segmentSeconds : 0;
    this.#nextSequence = Math.max(startSN, Math.floor(start / segmentSeconds));
    this.simulatedMedia.seek(this.#nextSequence * segmentSeconds);
  }

  /** One fragment at a time, as far ahead as hls.js would. */
  #tick(): void {
    this.#cancelTick();
    const details = this.latestLevelDetails;
    if (this.#stopped || details === null || this.#loader !== undefined) return;
    const excess = this.mainForwardBufferInfo.len - this.#maxBufferSeconds();
    if (excess >= 0) {
      this.#cancelTick = this.#components.timers.after(excess * 1000 + TICK_MS, () => this.#tick());
      return;
    }
    // Fallen out of a live playlist: on with what there is.
    this.#nextSequence = Math.max(this.#nextSequence, details.startSN);
    const fragment = details.fragments[this.#nextSequence - details.startSN];
    if (fragment === undefined) return;
    const { timers } = this.#components;
    const Loader = this.config.fLoader ?? this.#components.loader;
    const loader = new Loader(NO_CONFIG);
    this.#loader = loader;
    const done = (afterMs: number, then: () => void): void => {
      loader.destroy();
      timers.after(afterMs, () => {
        this.#loader = undefined;
        if (this.#stopped) return;
        then();
        this.#tick();
      });
    };
    const again = (): void => done(RETRY_MS, () => {});
    const context = { frag: fragment, part: null, responseType: 'arraybuffer', url: fragment.url };
    loader.load(
      { ...context, headers: {}, rangeStart: 0, rangeEnd: 0 } as unknown as FragmentLoaderContext,
      LOADER_CONFIG,
      {
        onSuccess: () => done(APPEND_MS, () => this.#append(fragment.start + fragment.duration)),
        onError: again,
        onTimeout: again,
      },
    );
  }

  #append(end: number): void {
    const first = !this.simulatedMedia.started;
    this.#nextSequence++;
    this.simulatedMedia.append(end);
    if (first) this.#options.onFirstFrame();
  }

  #maxBufferSeconds(): number {
    const { bitsPerSecond } = this.#components.stream.options;
    const seconds = Math.max((8 * MAX_BUFFER_BYTES) / bitsPerSecond, MAX_BUFFER_SECONDS);
    return Math.min(seconds, MAX_MAX_BUFFER_SECONDS);
  }

  #emit(event: string, data: object): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(event, data);
  }
}

// A whole one cannot be made without hls.js, and no loader here looks into it.
const NO_CONFIG = {} as unknown as HlsConfig;
const LOADER_CONFIG: LoaderConfiguration = {
  loadPolicy: LOAD_POLICY,
  timeout: LOAD_POLICY.maxLoadTimeMs,
  maxRetry: 0,
  retryDelay: 0,
  maxRetryDelay: 0,
  highWaterMark: Number.POSITIVE_INFINITY,
};
