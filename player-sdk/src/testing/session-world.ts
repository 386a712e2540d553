import type { Arm, EdgeMessage, IceServer, SwarmMode } from '@eddy/protocol';
import { PING_PATH, PROTOCOL_VERSION } from '@eddy/protocol';
import type { FragmentLoaderConstructor } from 'hls.js';
import type { Random } from '../components.js';
import { fragmentContext, HLS_CONFIG, loaderConfig, RecordingLoader } from '../hls/fakes.js';
import type { PlayerListener } from '../hls/player.js';
import { PageStorage } from '../manners/page-storage.js';
import { type EddySession, type SessionComponents, startSession } from '../session.js';
import type { SocketEvents } from '../signaling/socket.js';
import { sha256 } from '../transfer/fakes.js';
import type { PeerTransport } from '../transport/transport.js';
import { FakeEnvironment } from './fake-environment.js';
import { type FakeTime, fakeTime, seededRandom } from './fake-time.js';

export const PLAYLIST: string = 'https://edge.example/film/master.m3u8';

export class FakePlayer {
  config: { fLoader?: FragmentLoaderConstructor; loader: FragmentLoaderConstructor } = {
    loader: RecordingLoader,
  };
  url: string | null = null;
  media: HTMLMediaElement | null = null;
  bandwidthEstimate: number = 1e6;
  latestLevelDetails: null = null;
  mainForwardBufferInfo: null = null;
  levels: { readonly uri: string }[] = [];
  audioTracks: never[] = [];
  pathwayPriority: string[] | null = null;
  readonly listeners: Map<string, Set<PlayerListener>> = new Map();

  on(event: string, listener: PlayerListener): void {
    const listeners = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, listeners.add(listener));
  }

  off(event: string, listener: PlayerListener): void {
    this.listeners.get(event)?.delete(listener);
  }

  trigger(event: string, data: object = {}): void {
    for (const listener of this.listeners.get(event) ?? []) listener(event, data);
  }

  loadSource(url: string): void {
    this.url = url;
    this.trigger('hlsManifestLoading', { url });
  }
}

/** As much of a media element as a session looks at. */
export function mediaElement(fields: Partial<HTMLMediaElement> = {}): HTMLMediaElement {
  const states = { paused: false, seeking: false, ended: false, ...fields };
  return Object.assign(new EventTarget(), states) as HTMLMediaElement;
}

export class World {
  readonly time: FakeTime = fakeTime();
  readonly player: FakePlayer = new FakePlayer();
  readonly sockets: { url: string; events: SocketEvents; said: unknown[]; closed: boolean }[] = [];
  readonly beacons: string[] = [];
  readonly fetched: string[] = [];
  /** Hosts whose edge answers a ping. */
  readonly there: Set<string> = new Set();
  readonly page: EventTarget = new EventTarget();
  readonly environment: FakeEnvironment = new FakeEnvironment();
  readonly storage: PageStorage = new PageStorage();
  day: string = 'monday';
  readonly random: Random = seededRandom(3);
  supported: boolean = true;
  connect: PeerTransport['connect'] = () => {
    throw new Error('nobody is met here');
  };
  secure: boolean = true;

  attach(options: Parameters<typeof startSession>[2] = {}): EddySession {
    const components: SessionComponents = {
      clock: this.time.clock,
      timers: this.time.timers,
      random: this.random,
      transport: {
        supported: this.supported,
        connect: (...asked) => this.connect(...asked),
      },
      sha256: this.secure ? sha256 : undefined,
      post: async (_url, body) => {
        this.beacons.push(body);
        return true;
      },
      openSocket: (url, events) => {
        const socket = { url, events, said: [] as unknown[], closed: false };
        this.sockets.push(socket);
        return {
          send: (text) => socket.said.push(JSON.parse(text)),
          close: () => {
            socket.closed = true;
          },
        };
      },
      // No digest block is published here.
      fetch: async (url) => {
        this.fetched.push(String(url));
        const { pathname, hostname } = new URL(String(url));
        const ok = pathname === PING_PATH && this.there.has(hostname);
        if (pathname === PING_PATH && !ok && this.there.size > 0) await new Promise(() => {});
        return { ok, status: ok ? 200 : 404, arrayBuffer: async () => new ArrayBuffer(0) };
      },
      page: this.page,
      environment: this.environment,
      storage: this.storage,
      today: () => this.day,
    };
    return startSession(this.player, components, options);
  }

  /** hls.js loads a playlist and a first fragment; the picture begins, which is when the session joins its room. */
  play(url: string): void {
    this.player.loadSource(url);
    this.loadFragment();
    this.showPicture();
  }

  /** The first frame is there. */
  showPicture(): void {
    this.player.media ??= mediaElement();
    this.player.trigger('hlsMediaAttached', { media: this.player.media });
    this.player.media.dispatchEvent(new Event('playing'));
  }

  /** The edge lets the newest socket in. */
  welcome(mode: SwarmMode = 'on', arm: Arm = 'treated', iceServers: readonly IceServer[] = []): void {
    const socket = this.sockets.at(-1);
    socket?.events.onOpen();
    const config = { mode, maxPeers: 8, uploadBytesPerSecond: 0 };
    const message: EdgeMessage = {
      type: 'welcome',
      version: PROTOCOL_VERSION,
      peer: 'me',
      room: 'r',
      arm,
      config,
      iceServers,
    };
    socket?.events.onText(JSON.stringify(message));
  }

  /** The edge has new settings for all. */
  configure(mode: SwarmMode): void {
    const config = { mode, maxPeers: 8, uploadBytesPerSecond: 0 };
    const message: EdgeMessage = { type: 'config', config };
    this.sockets.at(-1)?.events.onText(JSON.stringify(message));
  }

  /** Everything that has been said over sockets, by type. */
  get said(): unknown[] {
    return this.sockets.flatMap(({ said }) =>
      said.map((message) =>
        typeof message === 'object' && message !== null && 'type' in message ? message.type : message,
      ),
    );
  }

  /** hls.js loads a fragment; the loader that asks the edge for it. */
  loadFragment(): RecordingLoader | undefined {
    RecordingLoader.made = [];
    const Loader = this.player.config.fLoader ?? RecordingLoader;
    const callbacks = { onSuccess: () => {}, onError: () => {}, onTimeout: () => {} };
    new Loader(HLS_CONFIG).load(fragmentContext(), loaderConfig(), callbacks);
    return RecordingLoader.loading[0];
  }
}
