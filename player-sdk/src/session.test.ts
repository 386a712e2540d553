import type { EdgeMessage } from '@eddy/protocol';
import { PROTOCOL_VERSION, readBeacon } from '@eddy/protocol';
import { decodeCmcd } from '@svta/cml-cmcd';
import type { FragmentLoaderConstructor } from 'hls.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { fragmentContext, HLS_CONFIG, loaderConfig, RecordingLoader } from './hls/fakes.js';
import type { PlayerListener } from './hls/player.js';
import { type EddySession, type SessionComponents, startSession } from './session.js';
import type { SocketEvents } from './signaling/socket.js';
import { type FakeTime, fakeTime, seededRandom } from './testing/fake-time.js';
import { sha256 } from './transfer/fakes.js';

const PLAYLIST = 'https://edge.example/film/master.m3u8';

class FakePlayer {
  config: { fLoader?: FragmentLoaderConstructor; loader: FragmentLoaderConstructor } = {
    loader: RecordingLoader,
  };
  url: string | null = null;
  media: HTMLMediaElement | null = null;
  bandwidthEstimate = 1e6;
  latestLevelDetails = null;
  mainForwardBufferInfo = null;
  levels: never[] = [];
  audioTracks: never[] = [];
  readonly listeners = new Map<string, Set<PlayerListener>>();

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

class World {
  readonly time: FakeTime = fakeTime();
  readonly player = new FakePlayer();
  readonly sockets: { url: string; events: SocketEvents; said: unknown[]; closed: boolean }[] = [];
  readonly beacons: string[] = [];
  readonly page = new EventTarget();
  supported = true;
  secure = true;

  attach(options: Parameters<typeof startSession>[2] = {}): EddySession {
    const components: SessionComponents = {
      clock: this.time.clock,
      timers: this.time.timers,
      random: seededRandom(3),
      transport: {
        supported: this.supported,
        connect: () => {
          throw new Error('nobody is met here');
        },
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
      fetch: async () => ({ ok: false, status: 404, arrayBuffer: async () => new ArrayBuffer(0) }),
      page: this.page,
    };
    return startSession(this.player, components, options);
  }

  /** hls.js loads a playlist, and then asks for a first fragment, which is when the session joins its room. */
  play(url: string): void {
    this.player.loadSource(url);
    this.loadFragment();
  }

  welcome(mode: 'on' | 'off' = 'on', arm: 'treated' | 'holdout' = 'treated'): void {
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
      iceServers: [],
    };
    socket?.events.onText(JSON.stringify(message));
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

let world: World;

beforeEach(() => {
  world = new World();
});

describe('attaching', () => {
  it('joins the room of the playlist, at its origin, before or after it is loaded', () => {
    world.attach();
    expect(world.sockets).toEqual([]);
    world.play(PLAYLIST);
    world.sockets[0]?.events.onOpen();
    expect(world.sockets[0]?.url).toBe('wss://edge.example/_eddy/swarm');
    expect(world.sockets[0]?.said).toMatchObject([
      { type: 'join', presentation: '/film/master.m3u8', upload: true },
    ]);

    world = new World();
    world.player.url = PLAYLIST;
    expect(world.attach({ edge: 'https://other.example', upload: false }).stats().state).toBe('connecting');
    world.loadFragment();
    world.sockets[0]?.events.onOpen();
    expect(world.sockets[0]?.url).toBe('wss://other.example/_eddy/swarm');
    expect(world.sockets[0]?.said).toMatchObject([{ upload: false }]);
  });

  it('joins once the first segment has been asked for, or after a second without', async () => {
    world.attach();
    world.player.loadSource(PLAYLIST);
    await world.time.advance(999);
    expect(world.sockets).toEqual([]);
    await world.time.advance(1);
    expect(world.sockets).toHaveLength(1);
    world.loadFragment();
    expect(world.sockets).toHaveLength(1);
    world = new World();
    world.attach();
    world.player.loadSource(PLAYLIST);
    world.loadFragment();
    expect(world.sockets).toHaveLength(1);
    await world.time.advance(1_000);
    expect(world.sockets).toHaveLength(1);
  });

  it('comes with the token of the playlist, and comes anew with a new one, into the same room', () => {
    world.attach();
    world.play(PLAYLIST.replace('/film/', '/~a.b.c/film/'));
    world.play(PLAYLIST.replace('/film/', '/~d.e.f/film/'));
    for (const { events } of world.sockets) events.onOpen();
    expect(world.sockets.map(({ url }) => url)).toEqual([
      'wss://edge.example/~a.b.c/_eddy/swarm',
      'wss://edge.example/~d.e.f/_eddy/swarm',
    ]);
    expect(world.sockets[1]?.said).toMatchObject([{ presentation: '/film/master.m3u8' }]);
  });

  it('stays in the room when the same source is loaded again, and changes with another', () => {
    world.attach();
    world.play(PLAYLIST);
    world.play(`${PLAYLIST}?visit=2`);
    expect(world.sockets).toHaveLength(1);
    world.play('https://edge.example/other.m3u8');
    expect(world.sockets.map(({ closed }) => closed)).toEqual([true, false]);
  });

  it('tells its states', () => {
    const session = world.attach();
    const states: string[] = [];
    session.on('state', (state) => states.push(state));
    world.play(PLAYLIST);
    world.welcome();
    world.sockets[0]?.events.onClose('gone');
    expect(states).toEqual(['connecting', 'alone', 'away']);
    expect(session.stats()).toMatchObject({
      state: 'away',
      detail: 'gone',
      self: 'me',
      room: 'r',
      arm: 'treated',
    });
  });

  it.each([
    ['edge', { edge: 'ftp://x' }, /"edge" must be an http\(s\) URL/],
    ['memoryBytes', { memoryBytes: -1 }, /"memoryBytes"/],
    ['an unknown one', JSON.parse('{"maxPeer":1}'), /no option "maxPeer"; there are edge, viewer/],
  ])('refuses a wrong option: %s', (_name, options, message) => {
    expect(() => world.attach(options)).toThrow(message);
    expect(world.player.config.fLoader).toBeUndefined();
  });
});

describe('a page that cannot share', () => {
  it.each([
    ['insecure page', { secure: false }],
    ['no WebRTC', { supported: false }],
  ])('plays plainly and says why: %s', (reason, lack) => {
    Object.assign(world, lack);
    const session = world.attach();
    world.play(PLAYLIST);
    expect(session.stats().state).toBe(`off: ${reason}`);
    // It is in one of the experiment's groups all the same, and leaves before others are told to meet it.
    world.welcome();
    expect(world.sockets[0]?.said).toMatchObject([{ type: 'join', upload: false }, { type: 'leave' }]);
    expect(session.stats()).toMatchObject({ state: `off: ${reason}`, arm: 'treated' });
    expect(world.loadFragment()?.context?.url).toMatch(/7\.m4s/);
  });

  it('is also one in the comparison group, one that its site or its own page turned off', () => {
    const session = world.attach();
    world.play(PLAYLIST);
    world.welcome('off', 'holdout');
    expect(session.stats().state).toBe('off: holdout');
    world.play('https://edge.example/other.m3u8');
    world.welcome('off');
    expect(session.stats().state).toBe('off: turned off by the edge');
    world = new World();
    const other = world.attach({ peers: false });
    world.play(PLAYLIST);
    expect(other.stats().state).toBe('off: turned off here');
    world.play('blob:https://x.example/1');
    expect(other.stats().state).toBe('off: no edge');
  });
});

describe('playing', () => {
  it('takes segments from the edge, counts them and reports them', async () => {
    const session = world.attach();
    world.play(PLAYLIST);
    world.welcome();
    const edge = world.loadFragment();
    edge?.succeed(new ArrayBuffer(1_000), { start: 1, first: 2, end: 3 });
    expect(session.stats()).toMatchObject({ edgeBytes: 1_000, offload: 0 });
    expect(session.stats().segments).toMatchObject([
      { path: '/film/v/7.m4s', sequence: 7, track: 'main', bytes: 1_000, edgeBytes: 1_000, peerBytes: 0 },
    ]);
    await world.time.advance(10_000);
    expect(world.beacons.map((body) => readBeacon(decodeCmcd(body)).counters.edgeBytes)).toEqual([1_000]);
  });

  it('goes on plainly after destroy, which hls.js calls too, and which changes nothing twice', async () => {
    const before = class extends RecordingLoader {};
    world.player.config.fLoader = before;
    const session = world.attach();
    world.play(PLAYLIST);
    world.welcome();
    world.loadFragment()?.succeed(new ArrayBuffer(10), { start: 1, first: 2, end: 3 });
    world.player.trigger('hlsDestroying');
    session.destroy();
    expect(session.stats().state).toBe('destroyed');
    expect(world.player.config.fLoader).toBe(before);
    expect(world.sockets[0]).toMatchObject({ closed: true, said: [{ type: 'join' }, { type: 'leave' }] });
    expect(world.beacons).toHaveLength(1);
    expect([...world.player.listeners.values()].every(({ size }) => size === 0)).toBe(true);
    await world.time.advance(60_000);
    expect(world.beacons).toHaveLength(1);
  });

  it('leaves with the page', () => {
    const session = world.attach();
    world.play(PLAYLIST);
    world.welcome();
    world.page.dispatchEvent(new Event('pagehide'));
    expect(session.stats().state).toBe('destroyed');
  });
});
