import { Agent } from 'node:http';
import {
  type Clock,
  type PeerTransport,
  type SessionComponents,
  startSession,
  type Timers,
} from '@eddy/player-sdk/internal';
import type { Fragment } from 'hls.js';
import { stampedContent } from '../origin/stamped-content.js';
import { openNodeSocket } from '../system/node-socket.js';
import { httpLoader } from './player/http-loader.js';
import { LivePlayer } from './player/live-player.js';
import type { Load } from './provenance.js';
import { udpTransport } from './udp-transport.js';

export const clock: Clock = { now: () => performance.now() };

export const timers: Timers = {
  after: (ms, run) => {
    const timer = setTimeout(run, Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};

const sha256: SessionComponents['sha256'] = async (bytes) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

/** `HTMLMediaElement.HAVE_FUTURE_DATA`. */
const HAVE_FUTURE_DATA = 3;
/** Connections of a browser to one host. */
const CONNECTIONS = 6;

export interface ViewerOptions {
  readonly name: string;
  readonly edgeUrl: string;
  readonly path: string;
  readonly peers: boolean;
  /** Default: channels over UDP, in every way that WebRTC finds. */
  readonly transport?: PeerTransport;
  /** The SDK's option. Default false. */
  readonly relayOnly?: boolean;
}

/** What one viewer had, told from outside the SDK but for what only it knows. */
export interface ViewerResult {
  readonly name: string;
  readonly joinedAt: number;
  readonly loads: readonly Load[];
  readonly playedBytes: number;
  /** Over HTTP, by what they were. */
  readonly httpMediaBytes: number;
  readonly httpPlaylistBytes: number;
  readonly wrongSegments: number;
  readonly stalls: number;
  readonly stalledMs: number;
  readonly startUpMs: number | undefined;
  /** To the live edge, at the end. */
  readonly latencySeconds: number;
  readonly problems: readonly string[];
  readonly peers: number;
  readonly wastedBytes: number;
  readonly blamedPeers: number;
  /** By the session's own count. */
  readonly edgeBytes: number;
  readonly peerBytes: number;
  readonly uploadedBytes: number;
  readonly relayedBytes: number;
  /** The name that the edge gave it. */
  readonly self: string | undefined;
}

/** One viewer of the stream: a model player with a session of the SDK over real sockets and data channels. */
export class Viewer {
  readonly #options: ViewerOptions;
  readonly #player: LivePlayer;
  readonly #session: ReturnType<typeof startSession>;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  readonly #joinedAt = clock.now();
  readonly #loads: Load[] = [];
  readonly #problems: string[] = [];
  /** By sequence number: the next is asked for before the last is reported. */
  readonly #asked = new Map<number, Pick<Load, 'askedAt' | 'startUp' | 'bufferSeconds' | 'peers'>>();
  readonly #beacons = new Set<Promise<unknown>>();
  #playedBytes = 0;
  #httpMediaBytes = 0;
  #httpPlaylistBytes = 0;
  #wrongSegments = 0;
  #startUpMs: number | undefined;

  constructor(options: ViewerOptions) {
    this.#options = options;
    const Loader = httpLoader({
      agent: this.#agent,
      onBytes: (url, bytes) => {
        if (url.endsWith('.m3u8')) this.#httpPlaylistBytes += bytes;
        else this.#httpMediaBytes += bytes;
      },
    });
    this.#player = new LivePlayer({
      clock,
      timers,
      // hls.js makes its loaders with a configuration that this one has no use for.
      Loader: Loader as unknown as LivePlayer['config']['loader'],
      onAsked: (fragment) => this.#onAsked(fragment),
      onAppended: (fragment, bytes) => this.#onAppended(fragment, bytes),
      onProblem: (problem) => this.#problems.push(problem),
    });
    this.#session = startSession(
      this.#player,
      {
        clock,
        timers,
        random: Math.random,
        transport: options.transport ?? udpTransport(timers),
        sha256,
        post: (url, body) => this.#post(url, body),
        openSocket: openNodeSocket,
        page: new EventTarget(),
      },
      { viewer: options.name, peers: options.peers, relayOnly: options.relayOnly ?? false },
    );
    this.#session.on('segment', ({ sequence, edgeBytes, peerBytes, milliseconds }) => {
      const asked = this.#asked.get(sequence);
      this.#asked.delete(sequence);
      if (asked === undefined) return;
      this.#loads.push({ ...asked, viewer: options.name, sequence, edgeBytes, peerBytes, milliseconds });
    });
  }

  async play(): Promise<void> {
    await this.#player.loadSource(`${this.#options.edgeUrl}${this.#options.path}`);
  }

  /** What it had so far; it goes on. */
  result(): ViewerResult {
    const { wastedBytes, peers, blamedPeers, edgeBytes, peerBytes, uploadedBytes, relayedBytes, self } =
      this.#session.stats();
    const { stalls, stalledMs } = this.#player.model;
    return {
      name: this.#options.name,
      joinedAt: this.#joinedAt,
      loads: [...this.#loads],
      playedBytes: this.#playedBytes,
      httpMediaBytes: this.#httpMediaBytes,
      httpPlaylistBytes: this.#httpPlaylistBytes,
      wrongSegments: this.#wrongSegments,
      stalls,
      stalledMs,
      startUpMs: this.#startUpMs,
      latencySeconds: this.#player.latencySeconds,
      problems: [...this.#problems],
      peers,
      wastedBytes,
      blamedPeers,
      ...{ edgeBytes, peerBytes, uploadedBytes, relayedBytes, self },
    };
  }

  /** Resolves once its last report has arrived, or was refused. */
  async leave(): Promise<void> {
    this.#player.destroy();
    this.#agent.destroy();
    await Promise.all(this.#beacons);
  }

  async #post(url: string, body: string): Promise<boolean> {
    const sent = fetch(url, { method: 'POST', body }).then(
      ({ ok }) => ok,
      () => false,
    );
    this.#beacons.add(sent);
    const ok = await sent;
    this.#beacons.delete(sent);
    return ok;
  }

  #onAsked({ sn }: Fragment): void {
    this.#asked.set(Number(sn), {
      askedAt: clock.now(),
      startUp: this.#player.model.readyState < HAVE_FUTURE_DATA,
      bufferSeconds: this.#player.mainForwardBufferInfo.len,
      peers: this.#session.stats().peers,
    });
  }

  #onAppended({ url }: Fragment, bytes: Uint8Array): void {
    this.#startUpMs ??= clock.now() - this.#joinedAt;
    this.#playedBytes += bytes.length;
    if (!stampedContent(new URL(url).pathname, bytes.length).equals(bytes)) this.#wrongSegments++;
  }
}
