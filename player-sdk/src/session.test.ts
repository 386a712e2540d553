import { readBeacon } from '@eddy/protocol';
import { decodeCmcd } from '@svta/cml-cmcd';
import { beforeEach, describe, expect, it } from 'vitest';
import { RecordingLoader } from './hls/fakes.js';
import { PLAYLIST, World } from './testing/session-world.js';

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
    expect(world.attach({ edge: 'https://other.example', upload: 'off' }).stats().state).toBe('connecting');
    world.showPicture();
    world.sockets[0]?.events.onOpen();
    expect(world.sockets[0]?.url).toBe('wss://other.example/_eddy/swarm');
    expect(world.sockets[0]?.said).toMatchObject([{ upload: false }]);
  });

  it('joins with the first picture, soon after the first request where that takes its time, or after a second', async () => {
    world.attach();
    world.player.loadSource(PLAYLIST);
    await world.time.advance(999);
    expect(world.sockets).toEqual([]);
    await world.time.advance(1);
    expect(world.sockets).toHaveLength(1);
    world.play(PLAYLIST);
    expect(world.sockets).toHaveLength(1);

    world = new World();
    world.attach();
    world.player.loadSource(PLAYLIST);
    world.loadFragment();
    await world.time.advance(149);
    expect(world.sockets).toEqual([]);
    world.loadFragment();
    await world.time.advance(1);
    expect(world.sockets).toHaveLength(1);

    world = new World();
    world.attach();
    world.player.loadSource(PLAYLIST);
    world.loadFragment();
    world.showPicture();
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
    ['uploadBytesPerDay', { uploadBytesPerDay: 0.5 }, /"uploadBytesPerDay" must be a whole number/],
    ['upload', JSON.parse('{"upload":true}'), /"upload" must be "off" or "wifi" or "on", it is true/],
    ['consent', JSON.parse('{"consent":"yes"}'), /"consent" must be "not-needed" or "required"/],
    ['relayOnly', JSON.parse('{"relayOnly":1}'), /"relayOnly" must be true or false/],
    ['an unknown one', JSON.parse('{"maxPeer":1}'), /no option "maxPeer"; there are edge, viewer/],
  ])('refuses a wrong option: %s', (_name, options, message) => {
    expect(() => world.attach(options)).toThrow(message);
    expect(world.player.config.fLoader).toBeUndefined();
  });
});

describe('a page that cannot share', () => {
  it.each<[string, object, { peers?: boolean }?]>([
    ['insecure page', { secure: false }],
    ['no WebRTC', { supported: false }],
    ['turned off here', {}, { peers: false }],
  ])('plays plainly, joins no room, and is counted by who it is: %s', async (reason, lack, options = {}) => {
    Object.assign(world, lack);
    const session = world.attach({ ...options, viewer: 'site’s own' });
    world.play(PLAYLIST);
    expect(session.stats().state).toBe(`off: ${reason}`);
    const loader = world.loadFragment();
    expect(loader?.context?.url).toMatch(/7\.m4s/);
    loader?.succeed(new ArrayBuffer(10), { start: 1, first: 2, end: 3 });
    await world.time.advance(60_000);
    expect(world.sockets).toEqual([]);
    const told = world.beacons.map((body) => readBeacon(decodeCmcd(body)));
    expect(told.reduce((sum, { counters }) => sum + counters.edgeBytes, 0)).toBe(10);
    expect(told[0]?.arm).toEqual({ viewer: 'site’s own' });
  });

  it('is counted by who it is also where the room is out of reach', async () => {
    world.attach({ viewer: 'me' });
    world.play(PLAYLIST);
    world.loadFragment()?.succeed(new ArrayBuffer(10), { start: 1, first: 2, end: 3 });
    await world.time.advance(10_000);
    expect(readBeacon(decodeCmcd(world.beacons[0] ?? '')).arm).toEqual({ viewer: 'me' });
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

it('tells of channels that went, and of those that came to nothing, but not of attempts that were given up', () => {
  const closes: ((reason: string) => void)[] = [];
  world.connect = (_options, { onClose }) => {
    closes.push(onClose);
    return { bufferedBytes: 0, signal: () => {}, send: () => false, close: () => {} };
  };
  const ended: string[] = [];
  world.attach().on('peer-end', ({ peer, reason }) => ended.push(`${peer} ${reason}`));
  world.play(PLAYLIST);
  world.welcome();
  const peers = (meet: readonly { peer: string; offer: boolean }[], gone: readonly string[]): void =>
    world.sockets[0]?.events.onText(JSON.stringify({ type: 'peers', meet, gone }));
  peers(
    [
      { peer: 'a', offer: true },
      { peer: 'b', offer: true },
    ],
    [],
  );
  peers([], ['a']);
  expect([closes.length, ended]).toEqual([2, []]);
  closes[1]?.('no way through');
  expect(ended).toEqual(['b unreachable: no way through']);
});
