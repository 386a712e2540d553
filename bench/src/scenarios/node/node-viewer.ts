import { createHash } from 'node:crypto';
import type { EddyOptions, EddySession } from '@eddy/player-sdk';
import {
  type HlsPlayer,
  type PlayerListener,
  SimplePeerTransport,
  startSession,
} from '@eddy/player-sdk/internal';
import wrtc from '@roamhq/wrtc';
import Hls, {
  type FragmentLoaderContext,
  type Loader,
  type LoaderCallbacks,
  type LoaderConfiguration,
  LoadStats,
} from 'hls.js';
import { openNodeSocket } from '../../system/node-socket.js';

const timers = {
  after: (ms: number, run: () => void): (() => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Loads over the process's `fetch`. */
class FetchLoader implements Loader<FragmentLoaderContext> {
  readonly stats = new LoadStats();
  context: FragmentLoaderContext | null = null;
  readonly #controller = new AbortController();

  load(
    context: FragmentLoaderContext,
    _config: LoaderConfiguration,
    { onSuccess, onError }: LoaderCallbacks<FragmentLoaderContext>,
  ): void {
    this.context = context;
    fetch(context.url, { signal: this.#controller.signal }).then(
      async (response) => {
        const data = await response.arrayBuffer();
        if (!response.ok) return onError({ code: response.status, text: '' }, context, null, this.stats);
        Object.assign(this.stats, { loaded: data.byteLength, total: data.byteLength });
        onSuccess({ url: context.url, data, code: response.status }, this.stats, context, null);
      },
      (error: Error) => {
        if (!this.#controller.signal.aborted) {
          onError({ code: 0, text: error.message }, context, null, this.stats);
        }
      },
    );
  }

  abort(): void {
    this.#controller.abort();
  }

  destroy(): void {
    this.#controller.abort();
  }
}

/** As much of hls.js as the SDK sees, with a full buffer: it loads what the test says. */
class ScriptedPlayer {
  readonly config = { loader: FetchLoader } as unknown as HlsPlayer['config'];
  readonly bandwidthEstimate = 5e6;
  readonly latestLevelDetails = null;
  readonly mainForwardBufferInfo = { len: 30, start: 0, end: 30 } as HlsPlayer['mainForwardBufferInfo'];
  readonly levels = [];
  readonly audioTracks = [];
  readonly media = Object.assign(new EventTarget(), {
    ...{ readyState: 4, playbackRate: 1, currentTime: 0, paused: false, seeking: false, ended: false },
  }) as unknown as HTMLMediaElement;
  readonly url: string;
  readonly #listeners = new Map<string, Set<PlayerListener>>();

  constructor(url: string) {
    this.url = url;
  }

  on(event: string, listener: PlayerListener): void {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(listener));
  }

  off(event: string, listener: PlayerListener): void {
    this.#listeners.get(event)?.delete(listener);
  }
}

/** A viewer without a picture, over the real SDK, WebSocket and WebRTC. */
export interface NodeViewer {
  readonly session: EddySession;
  /** Loads segment `<number>.m4s` beside the playlist, half a minute before it is needed. */
  load(number: number): Promise<Buffer>;
  /** Resolves once it holds; fails after 30 s. */
  until(holds: () => boolean): Promise<void>;
}

/** @param playlist URL of a playlist. */
export function openNodeViewer(playlist: string, options: EddyOptions = {}): NodeViewer {
  const player = new ScriptedPlayer(playlist);
  const session = startSession(
    player,
    {
      clock: { now: () => performance.now() },
      timers,
      random: Math.random,
      transport: new SimplePeerTransport({ timers, wrtc }),
      sha256: (bytes) => createHash('sha256').update(bytes).digest(),
      post: async () => true,
      openSocket: openNodeSocket,
      page: new EventTarget(),
    },
    { beacons: false, viewer: `viewer ${Math.random()}`, ...options },
  );
  return {
    session,
    load(number) {
      const url = new URL(`${number}.m4s`, playlist).href;
      const fragment = {
        ...{ url, baseurl: playlist, byteRange: [], sn: number, type: 'main', level: 0 },
        ...{ start: 30, duration: 2, bitrateTest: false },
      };
      // A whole Fragment is more than the SDK looks at.
      const context = {
        ...{ type: 'media-fragment', frag: fragment, part: null, responseType: 'arraybuffer', url },
        ...{ headers: {}, rangeStart: 0, rangeEnd: 0 },
      } as unknown as FragmentLoaderContext;
      const Loading = player.config.fLoader ?? FetchLoader;
      const loader = new Loading(Hls.DefaultConfig);
      const loadPolicy = {
        ...Hls.DefaultConfig.fragLoadPolicy.default,
        timeoutRetry: null,
        errorRetry: null,
      };
      const config: LoaderConfiguration = {
        ...{ loadPolicy, timeout: 20_000, maxRetry: 0, retryDelay: 0, maxRetryDelay: 0, highWaterMark: 0 },
      };
      return new Promise((resolve, reject) => {
        loader.load(context, config, {
          onSuccess: ({ data }) =>
            data instanceof ArrayBuffer ? resolve(Buffer.from(data)) : reject(new TypeError('not binary')),
          onError: ({ code, text }) => reject(new Error(`${url}: ${code} ${text}`)),
          onTimeout: () => reject(new Error(`${url} timed out`)),
        });
      });
    },
    async until(holds) {
      const endsAt = performance.now() + 30_000;
      while (!holds()) {
        if (performance.now() > endsAt) throw new Error(`not so: ${JSON.stringify(session.stats())}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
}
