import { type PostBeacon, postBeacon } from './beacon/post.js';
import type { Allocate, Clock, Random, Timers, Unsubscribe } from './components.js';
import type { FetchBlock } from './digests/block-reader.js';
import { pageSha256 } from './digests/verify.js';
import { pathOf } from './hls/identity.js';
import type { LinkFigures } from './hls/load-timing.js';
import { type HlsPlayer, latestDetails, PLAYER_EVENTS, type PlayerListener } from './hls/player.js';
import { wrapSteeringLoader } from './hls/steering.js';
import { wrapFragmentLoader } from './hls/wrap.js';
import { BrowserEnvironment } from './manners/browser-environment.js';
import { localDay } from './manners/day-meter.js';
import { type Environment, quietEnvironment } from './manners/environment.js';
import { Manners } from './manners/manners.js';
import type { Uploading } from './manners/may-upload.js';
import { PageStorage } from './manners/page-storage.js';
import type { FrameCodec } from './mesh/frame-codec.js';
import { type EddyOptions, type ResolvedOptions, resolveOptions } from './options.js';
import type { ScheduleOptions } from './schedule/options.js';
import { edgeOf } from './session/edge-address.js';
import { Emitter } from './session/emitter.js';
import { emptyStats } from './session/empty-stats.js';
import { pageRandom } from './session/id.js';
import { Playback } from './session/playback.js';
import type { PlaybackComponents } from './session/playback-components.js';
import { playlistQueries } from './session/playlist-queries.js';
import type { SegmentReport, SessionState, SessionStats } from './session/stats.js';
import { obstacle } from './session/support.js';
import { forgetViewerKey, viewerKey } from './session/viewer-key.js';
import type { OpenSocket } from './signaling/socket.js';
import { SimplePeerTransport } from './transport/simple-peer-transport.js';
import type { PeerTransport } from './transport/transport.js';

/** What a session tells of, by name. */
export interface SessionEvents {
  /** The state has changed. */
  readonly state: SessionState;
  /** The number of open channels has changed. */
  readonly peers: number;
  /** Others' requests are answered from now on, or not any more, or for another reason. */
  readonly uploading: Uploading;
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
   * The viewer's own wish, remembered on this device for all players of the site. False: this player leaves the others
   * at once, gives them nothing and takes nothing from them; true: it shares again as far as page, site and device
   * allow. The overlay's switch does the same.
   */
  setSharing(shares: boolean): void;
  /** The viewer agrees: with `consent: 'required'` Eddy begins now. The page remembers it, Eddy does not. */
  giveConsent(): void;
  /**
   * The viewer agrees no more: leaves others and room, reports nothing more, and forgets the viewer's key; playback goes
   * on as plain hls.js. Also where consent was not required.
   */
  withdrawConsent(): void;
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
  /** The device and whether it is seen. Default: one that asks for no consideration. */
  readonly environment?: Environment;
  /** Default: lasts as long as the session. */
  readonly storage?: PageStorage;
  /** A name of the present day, in the viewer's calendar. Default: the device's. */
  readonly today?: () => string;
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
  const session = startSession(hls, pageComponents(resolveOptions(options)), options);
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
  readonly #manners: Manners;
  readonly #storage: PageStorage;
  #viewer: string | undefined;
  readonly #events = new Emitter<SessionEvents>();
  readonly #listeners: readonly (readonly [name: string, listener: PlayerListener])[];
  readonly #unwrap: readonly (() => void)[];
  /** Origin of the renditions, where that is the edge's. */
  #host: string | undefined;
  #playback: Playback | undefined;
  #state: SessionState = 'idle';
  #uploading: Uploading;
  #peers = 0;

  constructor(player: HlsPlayer, components: SessionComponents, options: ResolvedOptions) {
    this.#player = player;
    this.#components = components;
    this.#options = options;
    const { environment = quietEnvironment, today = localDay, storage = new PageStorage() } = components;
    this.#storage = storage;
    this.#manners = new Manners({ ...components, environment, storage, today }, options);
    this.#uploading = emptyStats().uploading;
    const session = this;
    const unwrapFragments = wrapFragmentLoader(player, {
      ...components,
      segments: {
        wanted: () => {
          session.#playback?.joinSoon();
          return session.#playback?.segments !== undefined;
        },
        acquire: (request, events) => session.#playback?.segments?.acquire(request, events),
        loadedPlainly: (bytes) => session.#playback?.loadedPlainly(bytes),
        answered: (cacheStatus, bytes) => session.#playback?.answered(cacheStatus, bytes),
        addressed: (url) => session.#playback?.addressed(url) ?? url,
        get link() {
          return session.#link();
        },
        get watch() {
          return session.#playback?.pathways.watch;
        },
      },
    });
    const unwrapSteering = wrapSteeringLoader(
      player,
      (url) => (this.#host === undefined ? url : (this.#playback?.pathways.steeringAddress(url) ?? url)),
      (order) => this.#playback?.pathways.watch.ordered(order) ?? [...order],
    );
    this.#unwrap = [unwrapSteering, unwrapFragments];
    this.#listeners = [
      // Its own `url` is absolute, the event's is as the page gave it.
      [PLAYER_EVENTS.manifestLoading, () => player.url !== null && this.#play(player.url)],
      [PLAYER_EVENTS.manifestParsed, () => this.#onManifest()],
      [PLAYER_EVENTS.levelsUpdated, () => this.#onLevels()],
      [PLAYER_EVENTS.steeringLoaded, (_event, data) => this.#onSteering(data)],
      [PLAYER_EVENTS.levelLoading, (_event, data) => this.#playback?.pathways.playlistAsked(data)],
      [PLAYER_EVENTS.levelLoaded, () => this.#playback?.pathways.playlistLoaded()],
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
    const { viewerShares, meter } = this.#manners;
    const idle = { state: this.#state, viewerShares, uploadedTodayBytes: meter.bytes };
    return this.#playback?.stats() ?? { ...emptyStats(), ...idle };
  }

  setSharing(shares: boolean): void {
    this.#manners.viewerShares = shares;
  }

  giveConsent(): void {
    this.#manners.consented = true;
  }

  withdrawConsent(): void {
    this.#manners.consented = false;
    this.#viewer = undefined;
    forgetViewerKey(this.#storage);
  }

  on<Name extends keyof SessionEvents>(
    name: Name,
    listener: (value: SessionEvents[Name]) => void,
  ): Unsubscribe {
    return this.#events.on(name, listener);
  }

  destroy(): void {
    if (this.#state === 'destroyed') return;
    for (const unwrap of this.#unwrap) unwrap();
    for (const [name, listener] of this.#listeners) this.#player.off(name, listener);
    this.#components.page.removeEventListener('pagehide', this.#onPageHide);
    const playback = this.#playback;
    this.#playback = undefined;
    playback?.close();
    this.#manners.close();
    this.#enter('destroyed');
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
    if (edge === undefined) this.#enter('off: no edge');
    else this.#begin(edge, presentation);
  }

  #begin(edge: string, presentation: string): void {
    const { transport, sha256 } = this.#components;
    const options = this.#options;
    try {
      this.#playback = new Playback(
        { ...this.#components, player: this.#player, manners: this.#manners },
        {
          ...options,
          edge,
          presentation,
          viewer: () => this.#viewerKey(),
          obstacle: obstacle(options.peers, sha256, transport),
          blockQuery: playlistQueries(this.#player),
          host: () => this.#host,
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

  #onManifest(): void {
    const [playback, host] = [this.#playback, this.#renditionsHost()];
    this.#host = playback !== undefined && host === new URL(playback.edge).origin ? host : undefined;
  }

  /** Another pathway: room, digests and reports go where the media come from now. */
  #onLevels(): void {
    const [host, uri] = [this.#renditionsHost(), this.#player.levels[0]?.uri];
    if (this.#host === undefined || host === undefined || uri === undefined || host === this.#host) return;
    this.#host = host;
    this.#playback?.moveTo(edgeOf(uri));
  }

  #renditionsHost(): string | undefined {
    const uri = this.#player.levels[0]?.uri;
    return uri !== undefined && URL.canParse(uri) ? new URL(uri).origin : undefined;
  }

  #onSteering(data: object): void {
    if (!('steeringManifest' in data) || this.#host === undefined) return;
    const { steeringManifest } = data;
    if (typeof steeringManifest === 'object' && steeringManifest !== null)
      this.#playback?.pathways.steered(steeringManifest, this.#host);
  }

  #onPlaylist(data: object): void {
    if (latestDetails(this.#player)?.live !== true || !('details' in data)) return;
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
    const playback = this.#playback;
    if (playback !== undefined) this.#enter(playback.state, playback.peers, playback.uploading);
  }

  #enter(state: SessionState, peers = 0, uploading: Uploading = emptyStats().uploading): void {
    const before = { state: this.#state, peers: this.#peers, uploading: this.#uploading };
    this.#state = state;
    this.#peers = peers;
    this.#uploading = uploading;
    if (peers !== before.peers) this.#events.emit('peers', peers);
    if (state !== before.state) this.#events.emit('state', state);
    if (uploading !== before.uploading) this.#events.emit('uploading', uploading);
  }

  #viewerKey(): string {
    this.#viewer ??= this.#options.viewer ?? viewerKey(this.#components.random, this.#storage);
    return this.#viewer;
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

/** One for all sessions of the page: what one of them writes the others hear of. */
let pageStorage: PageStorage | undefined;

function pageComponents({ relayOnly }: ResolvedOptions): SessionComponents {
  const timers: Timers = {
    after: (ms, run) => {
      const timer = setTimeout(run, Math.max(0, ms));
      return () => clearTimeout(timer);
    },
  };
  const clock: Clock = { now: () => performance.now() };
  pageStorage ??= new PageStorage({ store: () => localStorage, page: globalThis });
  return {
    clock,
    timers,
    random: pageRandom,
    transport: new SimplePeerTransport({ timers }, { relayOnly }),
    sha256: pageSha256(),
    post: postBeacon,
    page: globalThis,
    environment: new BrowserEnvironment({ clock, page: globalThis }),
    storage: pageStorage,
  };
}
