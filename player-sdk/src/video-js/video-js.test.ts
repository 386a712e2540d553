import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RecordingLoader } from '../hls/fakes.js';
import { eddyOf, registerEddyInVideoJs } from './index.js';
import type { HlsClass } from './playback.js';
import type { VideoJsAudioTrack, VideoJsLibrary, VideoJsSourceHandler, VideoJsTech } from './video-js-api.js';

/** What hls.js does when it is told, and what it was told. */
class FakeHls {
  static supported = true;
  static made: FakeHls[] = [];
  static readonly Events = { ERROR: 'hlsError', AUDIO_TRACKS_UPDATED: 'hlsAudioTracksUpdated' };
  static isSupported(): boolean {
    return FakeHls.supported;
  }

  readonly calls: string[] = [];
  readonly config: { readonly given: object; readonly loader: typeof RecordingLoader };
  readonly url = null;
  readonly media = null;
  readonly levels = [];
  audioTracks: readonly object[] = [];
  audioTrack = 0;
  readonly #listeners = new Map<string, ((name: string, data: object) => void)[]>();

  constructor(given: object) {
    this.config = { given, loader: RecordingLoader };
    FakeHls.made.push(this);
  }

  on(name: string, listener: (name: string, data: object) => void): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  off(): void {}

  emit(name: string, data: object = {}): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(name, data);
  }

  loadSource(src: string): void {
    this.calls.push(`loadSource ${src}`);
  }

  attachMedia(): void {
    this.calls.push('attachMedia');
  }

  startLoad(): void {
    this.calls.push('startLoad');
  }

  recoverMediaError(): void {
    this.calls.push('recoverMediaError');
  }

  destroy(): void {
    this.calls.push('destroy');
    this.emit('hlsDestroying');
  }
}

class FakeTracks extends EventTarget {
  readonly [index: number]: VideoJsAudioTrack;
  length = 0;
  addTrack(track: VideoJsAudioTrack): void {
    Object.assign(this, { [this.length]: track });
    this.length++;
  }
}

class FakeTech extends EventTarget implements VideoJsTech {
  readonly tracks = new FakeTracks();
  readonly errors: object[] = [];
  preloads = 'auto';
  el(): HTMLVideoElement {
    return {} as HTMLVideoElement;
  }
  preload(): string {
    return this.preloads;
  }
  audioTracks(): FakeTracks {
    return this.tracks;
  }
  error(error: object): void {
    this.errors.push(error);
  }
  trigger(name: string): void {
    this.dispatchEvent(new Event(name));
  }
  one(name: string, listener: () => void): void {
    this.addEventListener(name, listener, { once: true });
  }
  off(name: string, listener: () => void): void {
    this.removeEventListener(name, listener);
  }
}

const SOURCE = { src: 'https://a.example/film/master.m3u8', type: 'application/x-mpegURL' };
const Hls = FakeHls as unknown as HlsClass;

describe('registerEddyInVideoJs', () => {
  let handlers: VideoJsSourceHandler[];
  let videojs: VideoJsLibrary;
  let tech: FakeTech;

  beforeEach(() => {
    vi.stubGlobal('addEventListener', () => {});
    vi.stubGlobal('removeEventListener', () => {});
    FakeHls.made = [];
    FakeHls.supported = true;
    const vhs = { name: 'vhs' } as VideoJsSourceHandler;
    handlers = [vhs];
    const html5 = {
      sourceHandlers: handlers,
      registerSourceHandler: (handler: VideoJsSourceHandler, index: number) =>
        handlers.splice(index, 0, handler),
    };
    videojs = {
      getTech: () => html5,
      AudioTrack: class {
        readonly id: string;
        enabled: boolean;
        constructor({ id, enabled }: { readonly id: string; readonly enabled: boolean }) {
          this.id = id;
          this.enabled = enabled;
        }
      },
    };
    tech = new FakeTech();
  });
  afterEach(() => {
    for (const hls of FakeHls.made) hls.destroy();
    vi.unstubAllGlobals();
  });

  function play(options: object = {}): FakeHls {
    registerEddyInVideoJs(videojs, Hls, options);
    handlers[0]?.handleSource(SOURCE, tech);
    const [hls] = FakeHls.made;
    if (hls === undefined) throw new Error('no hls.js was made');
    return hls;
  }

  it('registers nothing where hls.js does not run: native HLS plays as before', () => {
    FakeHls.supported = false;
    registerEddyInVideoJs(videojs, Hls)();
    expect(handlers.map(({ name }) => name)).toEqual(['vhs']);
  });

  it('goes before VHS, takes HLS only, and can be taken out again', () => {
    const end = registerEddyInVideoJs(videojs, Hls);
    expect(handlers.map(({ name }) => name)).toEqual(['eddy', 'vhs']);
    const can = (src: string, type?: string) =>
      handlers[0]?.canHandleSource(type === undefined ? { src } : { src, type });
    expect([can('x', SOURCE.type), can('x', 'application/vnd.apple.mpegurl'), can('/a.m3u8?x')]).toEqual([
      'probably',
      'probably',
      'maybe',
    ]);
    expect([can('x', 'video/mp4'), can('/a.m3u8', 'application/dash+xml'), can('/a.mp4')]).toEqual([
      '',
      '',
      '',
    ]);
    end();
    end();
    expect(handlers.map(({ name }) => name)).toEqual(['vhs']);
  });

  it('plays with what the page has set, shares, and ends with the source', () => {
    const xhrSetup = () => {};
    const hls = play({ hlsConfig: { xhrSetup } });
    expect(hls.config.given).toEqual({ liveDurationInfinity: true, xhrSetup });
    expect(hls.calls).toEqual([`loadSource ${SOURCE.src}`, 'attachMedia']);
    const playing = eddyOf({ tech: () => tech });
    expect(playing?.hls).toBe(hls);
    hls.destroy();
    expect(playing?.session.stats().state).toBe('destroyed');
  });

  it('loads nothing before play where preload is none', () => {
    tech.preloads = 'none';
    const hls = play();
    expect(hls.config.given).toMatchObject({ autoStartLoad: false });
    tech.trigger('play');
    tech.trigger('play');
    expect(hls.calls.filter((call) => call === 'startLoad')).toHaveLength(1);
  });

  it('recovers once from what cannot be decoded, and tells video.js of what is fatal', () => {
    const hls = play();
    const fatal = (type: string) => hls.emit('hlsError', { fatal: true, type, details: 'broken' });
    hls.emit('hlsError', { fatal: false, type: 'networkError', details: 'late' });
    fatal('mediaError');
    expect([hls.calls.at(-1), tech.errors]).toEqual(['recoverMediaError', []]);
    fatal('mediaError');
    fatal('networkError');
    expect(tech.errors).toEqual([
      { code: 3, message: 'HLS: broken' },
      { code: 2, message: 'HLS: broken' },
    ]);
  });

  it('has the audio tracks of the stream in the menu', () => {
    const hls = play();
    hls.audioTracks = [
      { id: 0, name: 'English', lang: 'en', default: true },
      { id: 1, name: 'Deutsch', lang: 'de', default: false },
    ];
    hls.emit('hlsAudioTracksUpdated');
    hls.emit('hlsAudioTracksUpdated');
    expect([tech.tracks.length, tech.tracks[0]?.enabled, tech.tracks[1]?.enabled]).toEqual([2, true, false]);
    if (tech.tracks[0] !== undefined) tech.tracks[0].enabled = false;
    if (tech.tracks[1] !== undefined) tech.tracks[1].enabled = true;
    tech.tracks.dispatchEvent(new Event('change'));
    expect(hls.audioTrack).toBe(1);
  });
});
