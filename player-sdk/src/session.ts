import { type PostBeacon, postBeacon } from './beacon/post.js';
import type { Allocate, Clock, Random, Timers, Unsubscribe } from './components.js';
import type { FetchBlock } from './digests/block-reader.js';
import { pageSha256 } from './digests/verify.js';
import { pathOf } from './hls/identity.js';
import type { LinkFigures } from './hls/load-timing.js';
import { type HlsPlayer, PLAYER_EVENTS, type PlayerListener } from './hls/player.js';
import { wrapFragmentLoader } from './hls/wrap.js';
import type { FrameCodec } from './mesh/frame-codec.js';
import { type EddyOptions, type ResolvedOptions, resolveOptions } from './options.js';
import type { ScheduleOptions } from './schedule/options.js';
import { edgeOf } from './session/edge-address.js';
import { Emitter } from './session/emitter.js';
import { emptyStats } from './session/empty-stats.js';
import { pageRandom } from './session/id.js';
import { Playback, type PlaybackComponents } from './session/playback.js';
import { playlistQueries } from './session/playlist-queries.js';
import type { SegmentReport, SessionState, SessionStats } from './session/stats.js';
import { obstacle } from './session/support.js';
import { viewerKey } from './session/viewer-key.js';
import type { OpenSocket } from './signaling/socket.js';
import { SimplePeerTransport } from './transport/simple-peer-transport.js';
import type { PeerTransport } from './transport/transport.js';

/** What a session tells of, by name. */
export interface SessionEvents {
  /** The state has changed. */
  readonly state: SessionState;
  /** The number of open channels has changed. */
  readonly peers: number;
  /** hls.js was given a segment. */
  readonly segment: SegmentReport;
  /** A channel is gone. */
  readonly 'peer-end': { readonly peer: string; readonly reason: string };
}

/** One hls.js player that shares. */
export interface EddySession {
  /** What has happened so far. Cheap; a new object each time. */
  stats(): SessionStats;
  /** Calls `listener` at each event of that name. The returned function ends that. */
  on<Name extends keyof SessionEvents>(
    name: Name,
    listener: (value: SessionEvents[Name]) => void,
  ): Unsubscribe;
  /**
   * Leaves the swarm, reports the rest, and gives hls.js its own loader back; playback goes on without Eddy.
   * May be called again; destroying the `Hls` instance does the same.
   */
  destroy(): void;
}

/** The page's own unless given: tests give theirs. */
export interface SessionComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly transport: PeerTransport;
  readonly sha256: PlaybackComponents['sha256'];
  readonly post: PostBeacon;
  readonly openSocket?: OpenSocket;
  /** Reads published digest blocks. */
  readonly fetch?: FetchBlock;
  /** How frames become messages of a channel. Default: the wire's own. */
  readonly codec?: FrameCodec;
  /** Memory for media. Default: new. */
  readonly allocate?: Allocate;
  /** How the scheduler weighs. Default: `SCHEDULE_DEFAULTS`. */
  readonly schedule?: ScheduleOptions;
  /** Where `pagehide` happens. */
  readonly page: EventTarget;
}

/**
 * Lets the viewers of a stream pass segments to each other. To be called once an `Hls` instance, before or after
 * `loadSource` (called again, it gives the session that runs); everything else about the player stays as it is. Whatever fails here, playback goes on as plain
 * hls.js; `stats().state` says why.
 *
 * @throws EddyOptionsError when an option is unknown or not what it should be.
 */
export function attachEddy(hls: HlsPlayer, options: EddyOptions = {}): EddySession {
  const running = sessions.get(hls);
  if (running !== undefined && running.stats().state !== 'destroyed') return running;
  const session = startSession(hls, pageComponents(), options);
  sessions.set(hls, session);
  return session;
}

const sessions = new WeakMap<HlsPlayer, EddySession>();

/** `attachEddy` with other components than the page's. */
export function startSession(
  hls: HlsPlayer,
  components: SessionComponents,
  options: EddyOptions = {},
): EddySession {
  return new Session(hls, components, resolveOptions(options));
}

class Session implements EddySession {
  readonly #player: HlsPlayer;
  readonly #components: SessionComponents;
  readonly #options: ResolvedOptions;
  readonly #viewer: string;
  readonly #events = new Emitter<SessionEvents>();
  readonly #listeners: readonly (readonly [name: string, listener: PlayerListener])[];
  readonly #unwrap: () => void;
  #playback: Playback | undefined;
  #state: SessionState = 'idle';
  #peers = 0;

  constructor(player: HlsPlayer, components: SessionComponents, options: ResolvedOptions) {
    this.#player = player;
    this.#components = components;
    this.#options = options;
    this.#viewer = options.viewer ?? viewerKey(components.random, () => localStorage);
    const { clock, timers, allocate } = components;
    const session = this;
    this.#unwrap = wrapFragmentLoader(player, {
      clock,
      timers,
      ...(allocate === undefined ? {} : { allocate }),
      segments: {
        acquire: (request, events) => {
          const playback = session.#playback;
          const acquisition = playback?.segments?.acquire(request, events);
          playback?.join();
          return acquisition;
        },
        loadedPlainly: (bytes) => session.#playback?.loadedPlainly(bytes),
        answered: (cacheStatus, bytes) => session.#playback?.answered(cacheStatus, bytes),
        addressed: (url) => session.#playback?.addressed(url) ?? url,
        get link() {
          return session.#link();
        },
      },
    });
    this.#listeners = [
      // Its own `url` is absolute, the event's is as the page gave it.
      [PLAYER_EVENTS.manifestLoading, () => player.url !== null && this.#play(player.url)],
      [PLAYER_EVENTS.levelUpdated, (_event, data) => this.#onPlaylist(data)],
      [PLAYER_EVENTS.audioTrackUpdated, (_event, data) => this.#onPlaylist(data)],
      [PLAYER_EVENTS.mediaAttached, () => player.media && this.#playback?.watch.watch(player.media)],
      [PLAYER_EVENTS.mediaDetaching, () => this.#playback?.watch.release()],
      [PLAYER_EVENTS.error, (_event, data) => this.#onError(data)],
      [PLAYER_EVENTS.destroying, () => this.destroy()],
    ];
    for (const [name, listener] of this.#listeners) player.on(name, listener);
    components.page.addEventListener('pagehide', this.#onPageHide);
    if (player.url !== null) this.#play(player.url);
  }

  stats(): SessionStats {
    const stats = this.#playback?.stats() ?? emptyStats();
    return this.#playback === undefined ? { ...stats, state: this.#state } : stats;
  }

  on<Name extends keyof SessionEvents>(
    name: Name,
    listener: (value: SessionEvents[Name]) => void,
  ): Unsubscribe {
    return this.#events.on(name, listener);
  }

  destroy(): void {
    if (this.#state === 'destroyed') return;
    this.#unwrap();
    for (const [name, listener] of this.#listeners) this.#player.off(name, listener);
    this.#components.page.removeEventListener('pagehide', this.#onPageHide);
    const playback = this.#playback;
    this.#playback = undefined;
    playback?.close();
    this.#enter('destroyed', 0);
    this.#events.clear();
  }

  #play(url: string): void {
    const presentation = pathOf(url);
    if (presentation === undefined) return;
    const edge = this.#options.edge ?? (/^https?:/.test(url) ? edgeOf(url) : undefined);
    // Loading the same source again (recovery from an error, say) is no reason to leave its swarm.
    if (this.#playback?.presentation === presentation && this.#playback.edge === edge) return;
    this.#playback?.close();
    this.#playback = undefined;
    if (edge === undefined) this.#enter('off: no edge', 0);
    else this.#begin(edge, presentation);
  }

  #begin(edge: string, presentation: string): void {
    const { transport, sha256 } = this.#components;
    const options = this.#options;
    try {
      this.#playback = new Playback(
        { ...this.#components, player: this.#player },
        {
          ...options,
          edge,
          presentation,
          viewer: this.#viewer,
          obstacle: obstacle(options.peers, sha256, transport),
          blockQuery: playlistQueries(this.#player),
        },
        {
          onChange: () => this.#onChange(),
          onSegment: (report) => this.#events.emit('segment', report),
          onPeerEnd: (peer, reason) => this.#events.emit('peer-end', { peer, reason }),
        },
      );
    } catch (error) {
      console.warn('Eddy is off for this source; it plays without', error);
    }
    this.#onChange();
  }

  #onPlaylist(data: object): void {
    const { latestLevelDetails } = this.#player;
    if (latestLevelDetails?.live !== true || !('details' in data)) return;
    const rendition = [...this.#player.levels, ...this.#player.audioTracks].find(
      ({ details }) => details === data.details,
    );
    this.#playback?.segments?.wantNewest(rendition?.details?.fragments ?? []);
  }

  #onError(data: object): void {
    if (!('fatal' in data && data.fatal === true && 'details' in data)) return;
    if (typeof data.details === 'string') this.#playback?.failed(data.details);
  }

  #onChange(): void {
    if (this.#playback !== undefined) this.#enter(this.#playback.state, this.#playback.peers);
  }

  #enter(state: SessionState, peers: number): void {
    const before = { state: this.#state, peers: this.#peers };
    this.#state = state;
    this.#peers = peers;
    if (peers !== before.peers) this.#events.emit('peers', peers);
    if (state !== before.state) this.#events.emit('state', state);
  }

  /** Before anything was measured hls.js's own estimate is given back to it, which leaves it as it is. */
  #link(): LinkFigures {
    const measured = this.#playback?.link;
    return {
      bytesPerSecond: Math.max(1, measured?.bytesPerSecond ?? this.#player.bandwidthEstimate / 8),
      roundTripMs: measured?.roundTripMs ?? 0,
    };
  }

  readonly #onPageHide = (event: Event): void => {
    // A page that is only put aside comes back with its session.
    if ('persisted' in event && event.persisted === true) this.#playback?.flush();
    else this.destroy();
  };
}

function pageComponents(): SessionComponents {
  const timers: Timers = {
    after: (ms, run) => {
      const timer = setTimeout(run, Math.max(0, ms));
      return () => clearTimeout(timer);
    },
  };
  return {
    clock: { now: () => performance.now() },
    timers,
    random: pageRandom,
    transport: new SimplePeerTransport({ timers }),
    sha256: pageSha256(),
    post: postBeacon,
    page: globalThis,
  };
}
