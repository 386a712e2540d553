import type { HlsPlayer, PlayerListener } from '@eddy/player-sdk/internal';
import Hls, {
  type Fragment,
  type FragmentLoaderConstructor,
  type FragmentLoaderContext,
  type LevelDetails,
  LoaderContextType,
  M3U8Parser,
  PlaylistLevelType,
} from 'hls.js';
import { loadText } from './load-text.js';
import { type MediaComponents, ModelMedia } from './model-media.js';
import { nextReload } from './reload.js';

export interface LivePlayerComponents extends MediaComponents {
  /** What hls.js calls `config.loader`. */
  readonly Loader: FragmentLoaderConstructor;
  /** Told of each segment that is handed to the decoder, in order. */
  readonly onAppended: (fragment: Fragment, bytes: Uint8Array) => void;
  /** Told of each segment as it is asked for, before the loader sees it. */
  readonly onAsked: (fragment: Fragment) => void;
  readonly onProblem: (problem: string) => void;
}

/** `liveSyncDurationCount` of hls.js. */
const LIVE_SYNC_TARGETS = 3;
/** `maxBufferLength` of hls.js, in seconds. */
const MAX_BUFFER_SECONDS = 30;
/** Before a failed request is made again, as in hls.js's load policies. */
const RETRY_MS = 1_000;

/**
 * hls.js on a live stream with one level, as the SDK sees it: it reads playlists with hls.js's parser on hls.js's
 * schedule, starts three target durations behind the newest segment, and asks `config.fLoader` for one fragment
 * after the other. What it has not is a decoder.
 */
export class LivePlayer implements HlsPlayer {
  readonly config: { fLoader?: FragmentLoaderConstructor; loader: FragmentLoaderConstructor };
  readonly bandwidthEstimate: number = Hls.DefaultConfig.abrEwmaDefaultEstimate;
  readonly audioTracks: readonly never[] = [];
  readonly levels: { bitrate: number; url: string; details?: LevelDetails }[] = [];
  readonly model: ModelMedia;
  url: string | null = null;
  readonly #components: LivePlayerComponents;
  readonly #listeners = new Map<string, Set<PlayerListener>>();
  #loading: Fragment | undefined;
  #nextSn: number | undefined;
  #requestScheduled = -1;
  #cancelTimers = new Set<() => void>();
  #destroyed = false;

  constructor(components: LivePlayerComponents) {
    this.#components = components;
    this.model = new ModelMedia(components);
    this.config = { loader: components.Loader };
  }

  /** As much of a media element as the SDK reads. */
  get media(): HTMLMediaElement {
    return this.model as unknown as HTMLMediaElement;
  }

  get latestLevelDetails(): LevelDetails | null {
    return this.levels[0]?.details ?? null;
  }

  get mainForwardBufferInfo(): { len: number; start: number; end: number; bufferedIndex: number } {
    const { currentTime, bufferedEnd } = this.model;
    return { len: bufferedEnd - currentTime, start: currentTime, end: bufferedEnd, bufferedIndex: 0 };
  }

  /** Seconds between the newest media that is known and the playhead, the playlist's age included. */
  get latencySeconds(): number {
    const details = this.latestLevelDetails;
    return details === null ? 0 : details.edge + details.age - this.model.currentTime;
  }

  on(event: string, listener: PlayerListener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  off(event: string, listener: PlayerListener): void {
    this.#listeners.get(event)?.delete(listener);
  }

  /** Plays from now on. */
  async loadSource(url: string): Promise<void> {
    this.url = url;
    this.#trigger(Hls.Events.MANIFEST_LOADING, { url });
    const text = await this.#retried(() => loadText(this.config.loader, LoaderContextType.MANIFEST, url));
    if (text === undefined) return;
    const [level] = M3U8Parser.parseMasterPlaylist(text.body, url).levels;
    if (level === undefined) throw new Error(`no level in ${url}`);
    this.levels.push({ url: level.url, bitrate: level.bitrate });
    await this.#reload();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.model.stop();
    this.#trigger(Hls.Events.DESTROYING, {});
    for (const cancel of this.#cancelTimers) cancel();
  }

  async #reload(): Promise<void> {
    const [level] = this.levels;
    if (level === undefined || this.#destroyed) return;
    const answer = await this.#retried(() =>
      loadText(this.config.loader, LoaderContextType.LEVEL, level.url),
    );
    if (answer === undefined) return;
    const { clock } = this.#components;
    const details = M3U8Parser.parseLevelPlaylist(answer.body, level.url, 0, PlaylistLevelType.MAIN, 0, null);
    details.advancedDateTime = Date.now() - Math.max(0, Math.floor(clock.now() - answer.firstAt));
    const before = level.details;
    details.reloaded(before);
    if (before !== undefined) align(details, before);
    level.details = details;
    this.#requestScheduled = nextReload({
      requestScheduled: this.#requestScheduled,
      requestedAt: answer.startedAt,
      now: clock.now(),
      updated: details.updated,
      targetSeconds: details.targetduration,
      lastSegmentSeconds: details.fragments.at(-1)?.duration ?? 0,
      behindEdgeSeconds: details.edge - this.model.currentTime,
    });
    this.#trigger(Hls.Events.LEVEL_UPDATED, { details, level: 0 });
    this.#loadNext();
    this.#after(this.#requestScheduled - clock.now(), () => void this.#reload());
  }

  /** One at a time, in order. */
  #loadNext(): void {
    const details = this.latestLevelDetails;
    if (this.#destroyed || this.#loading !== undefined || details === null) return;
    if (this.mainForwardBufferInfo.len >= MAX_BUFFER_SECONDS) return;
    this.#nextSn ??= this.#start(details);
    const fragment = details.fragments[this.#nextSn - details.startSN];
    if (fragment !== undefined) this.#load(fragment);
    else if (this.#nextSn < details.startSN) this.#components.onProblem(`segment ${this.#nextSn} is gone`);
  }

  #start(details: LevelDetails): number {
    const position = Math.max(0, details.edge - LIVE_SYNC_TARGETS * details.targetduration);
    this.model.startAt(position);
    const at = details.fragments.findIndex(({ start, duration }) => start + duration > position + 0.001);
    return details.startSN + Math.max(0, at);
  }

  #load(fragment: Fragment): void {
    this.#loading = fragment;
    this.#components.onAsked(fragment);
    const Loader = this.config.fLoader ?? this.config.loader;
    const loader = new Loader({ ...Hls.DefaultConfig });
    fragment.stats = loader.stats;
    const [start = 0, end = 0] = fragment.byteRange;
    const context: FragmentLoaderContext = {
      type: LoaderContextType.MEDIA_FRAGMENT,
      frag: fragment,
      part: null,
      responseType: 'arraybuffer',
      url: fragment.url,
      headers: {},
      rangeStart: start,
      rangeEnd: end,
    };
    const failed = (reason: string): void => {
      this.#components.onProblem(`segment ${fragment.sn}: ${reason}`);
      this.#after(RETRY_MS, () => {
        this.#loading = undefined;
        this.#loadNext();
      });
    };
    const loadPolicy = { ...Hls.DefaultConfig.fragLoadPolicy.default, timeoutRetry: null, errorRetry: null };
    const legacy = { timeout: loadPolicy.maxLoadTimeMs, maxRetry: 0, retryDelay: 0, maxRetryDelay: 0 };
    loader.load(
      context,
      { loadPolicy, ...legacy, highWaterMark: Number.POSITIVE_INFINITY },
      {
        onSuccess: ({ data }) => {
          loader.destroy();
          if (!(data instanceof ArrayBuffer)) throw new Error('a fragment is binary');
          this.#append(fragment, new Uint8Array(data));
        },
        onError: ({ code, text }) => failed(`${code} ${text}`),
        onTimeout: () => failed('timed out'),
      },
    );
  }

  #append(fragment: Fragment, bytes: Uint8Array): void {
    if (this.#destroyed) return;
    this.#loading = undefined;
    this.#nextSn = Number(fragment.sn) + 1;
    this.#components.onAppended(fragment, bytes);
    this.model.append(fragment.start + fragment.duration);
    this.#loadNext();
  }

  async #retried<T>(attempt: () => Promise<T>): Promise<T | undefined> {
    while (!this.#destroyed) {
      try {
        return await attempt();
      } catch (error) {
        this.#components.onProblem(`playlist: ${error instanceof Error ? error.message : error}`);
        await new Promise<void>((resolve) => this.#after(RETRY_MS, resolve));
      }
    }
    return undefined;
  }

  #after(ms: number, run: () => void): void {
    if (this.#destroyed) return;
    const cancel = this.#components.timers.after(ms, () => {
      this.#cancelTimers.delete(cancel);
      run();
    });
    this.#cancelTimers.add(cancel);
  }

  #trigger(event: string, data: object): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(event, data);
  }
}

/** Puts a reloaded playlist on the timeline of the one before, by the segments that are in both. */
function align(details: LevelDetails, before: LevelDetails): void {
  const shifts = details.fragments.flatMap(({ sn, start }) => {
    const known = before.fragments[sn - before.startSN];
    return known === undefined ? [] : [known.start - start];
  });
  const shift = shifts[0] ?? before.edge - details.fragmentStart;
  for (const fragment of details.fragments) fragment.setStart(fragment.start + shift);
}
