import { bandwidthOf } from '../package/bandwidth.js';
import { renderMediaPlaylist, renderMultivariantPlaylist, targetDurationOf } from '../package/playlist.js';
import {
  frameRateOf,
  type PlannedTrack,
  type Presentation,
  shownResolution,
} from '../package/presentation.js';
import { IMMUTABLE, INDEX, MASTER, MASTER_CACHE } from '../package/publication.js';
import { readSamples } from '../package/read-samples.js';
import { initSegment, segmentHead } from '../package/segmenter.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { Loop } from './loop.js';
import type { RunStart } from './resume.js';
import { EMPTY_WINDOW, type LiveWindow, slide } from './window.js';

export interface LiveRunOptions {
  readonly store: ObjectStore;
  readonly name: string;
  readonly start: RunStart;
  /** Segments in a playlist. */
  readonly window: number;
  readonly presentation: Presentation;
  /** Videos, then audio. */
  readonly tracks: readonly PlannedTrack[];
  readonly loop: Loop;
}

interface LiveTrack {
  readonly planned: PlannedTrack;
  readonly folder: string;
  readonly targetDuration: number;
  window: LiveWindow;
  expired: string[];
}

/**
 * One run of a live stream. Every step may be repeated after a failure. Nothing is ever stored under a name that had
 * other bytes: sequence numbers go on over runs, and init segments carry the run's first one.
 */
export class LiveRun {
  readonly #options: LiveRunOptions;
  readonly #tracks: readonly LiveTrack[];
  readonly #init: string;
  #leftovers: readonly string[] = [];
  published = 0;

  constructor(options: LiveRunOptions) {
    this.#options = options;
    this.#init = `init-${options.start.firstSequence}.mp4`;
    this.#tracks = options.tracks.map((planned) => ({
      planned,
      folder: `${options.name}/${planned.label}`,
      targetDuration: targetDurationOf(options.loop.sizes(planned).map(({ seconds }) => seconds)),
      window: EMPTY_WINDOW,
      expired: [],
    }));
  }

  /** Stores the init segments, and notes what earlier runs left. */
  async begin(): Promise<void> {
    const { store } = this.#options;
    const leftovers: string[] = [];
    for (const { planned, folder } of this.#tracks) {
      for await (const { key } of store.list(`${folder}/`)) {
        if (/\/(\d+\.m4s|init-\d+\.mp4)$/.test(key)) leftovers.push(key);
      }
      await store.put(`${folder}/${this.#init}`, initSegment(planned.track, planned.mediaTime), {
        cacheControl: IMMUTABLE,
      });
    }
    this.#leftovers = leftovers.filter((key) => !key.endsWith(`/${this.#init}`));
  }

  /** Stores segment `n` of every track, then the playlists; deletes what no player can want any more. @returns bytes. */
  async publishSegment(n: number): Promise<number> {
    const { store, loop, start, window: size, name } = this.#options;
    const sequence = start.firstSequence + n;
    const beginMs = start.startMs + loop.startOf(n) * 1000;
    let total = 0;
    const slid: { track: LiveTrack; window: LiveWindow; expired: string[] }[] = [];
    for (const track of this.#tracks) {
      const { samples, cut, shift, seconds, delaySeconds } = loop.segment(track.planned, n);
      const head = segmentHead(samples, cut, { sequence, shift, mediaTime: track.planned.mediaTime });
      const [bytes] = await readSamples(track.planned.source, [{ ...cut, samples, lead: head.length }]);
      if (bytes === undefined) continue;
      bytes.set(head);
      await store.put(`${track.folder}/${sequence}.m4s`, bytes, { cacheControl: IMMUTABLE });
      total += bytes.length;
      const date = new Date(beginMs + delaySeconds * 1000);
      const { window, expired } = slide(
        track.window,
        { uri: `${sequence}.m4s`, seconds, date, sequence },
        size,
      );
      slid.push({ track, window, expired: expired.map(({ uri }) => `${track.folder}/${uri}`) });
    }
    for (const { track, window } of slid) await this.#putPlaylist(track, window, 'live');
    if (n === 0) await store.put(`${name}/${MASTER}`, this.#multivariant(), { cacheControl: MASTER_CACHE });
    for (const { track, window, expired } of slid) {
      track.window = window;
      track.expired.push(...expired);
    }
    this.published = n + 1;
    await this.#tidy(n);
    return total;
  }

  /** Marks the playlists as ended. */
  async end(): Promise<void> {
    for (const track of this.#tracks)
      if (track.window.listed.length > 0) await this.#putPlaylist(track, track.window, 'ended');
  }

  /** Failures here are no failures of the stream: what is left is tried again with the next segment. */
  async #tidy(n: number): Promise<void> {
    const { store, window } = this.#options;
    if (n > window + 2 && this.#leftovers.length > 0) {
      this.#tracks[0]?.expired.push(...this.#leftovers);
      this.#leftovers = [];
    }
    for (const track of this.#tracks) {
      for (let key = track.expired[0]; key !== undefined; key = track.expired[0]) {
        try {
          await store.delete(key);
        } catch {
          return;
        }
        track.expired.shift();
      }
    }
  }

  async #putPlaylist(track: LiveTrack, window: LiveWindow, state: 'live' | 'ended'): Promise<void> {
    const text = renderMediaPlaylist({
      targetDuration: track.targetDuration,
      mediaSequence: window.listed[0]?.sequence ?? 0,
      discontinuitySequence: this.#options.start.discontinuitySequence,
      mapUri: this.#init,
      segments: window.listed,
      independent: track.planned.independent,
      state,
    });
    await this.#options.store.put(`${track.folder}/${INDEX}`, Buffer.from(text), {
      cacheControl: 'public, max-age=1',
    });
  }

  #multivariant(): Buffer {
    const { presentation, loop } = this.#options;
    const entry = (planned: PlannedTrack) => {
      const sizes = loop.sizes(planned);
      return {
        uri: `${planned.label}/${INDEX}`,
        codec: planned.track.codec,
        bandwidth: bandwidthOf(sizes, targetDurationOf(sizes.map(({ seconds }) => seconds))),
        language: planned.track.language,
      };
    };
    const videos = presentation.videos.map((planned) => ({
      ...entry(planned),
      ...shownResolution(planned.track),
      frameRate: frameRateOf(planned),
    }));
    const audio = presentation.audio === undefined ? undefined : entry(presentation.audio);
    const independent = this.#tracks.every(({ planned }) => planned.independent);
    return Buffer.from(renderMultivariantPlaylist({ videos, audio, independent }));
  }
}
