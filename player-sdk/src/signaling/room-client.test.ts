import { encodeDigestBlock, PROTOCOL_VERSION, type SegmentDigest, type Welcome } from '@eddy/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeSocket, fakeSockets } from '../testing/fake-socket.js';
import { type FakeTime, fakeTime, seededRandom } from '../testing/fake-time.js';
import { backOffMs } from './back-off.js';
import { RoomClient, type RoomOptions } from './room-client.js';

const OPTIONS: RoomOptions = {
  edge: 'https://edge.example/some/page',
  presentation: '/v/master.m3u8',
  viewer: 'viewer',
  session: 'session',
  upload: true,
};

const digest: SegmentDigest = { path: '/v/1.m4s', start: 0, bytes: 9, root: new Uint8Array(32) };

describe('room client', () => {
  let time: FakeTime;
  let sockets: FakeSocket[];
  let heard: string[];
  let room: RoomClient;
  beforeEach(() => {
    time = fakeTime();
    const fake = fakeSockets();
    sockets = fake.sockets;
    heard = [];
    room = new RoomClient(
      { clock: time.clock, timers: time.timers, random: seededRandom(1), openSocket: fake.openSocket },
      OPTIONS,
    );
    room.subscribe({
      onWelcome: ({ peer }) => heard.push(`welcome ${peer}`),
      onPeers: ({ meet, gone }) => heard.push(`peers ${meet.map(({ peer }) => peer)} gone ${gone}`),
      onSignal: ({ from, payload }) => heard.push(`signal ${from} ${payload}`),
      onConfig: ({ mode }) => heard.push(`config ${mode}`),
      onDigests: (digests) => heard.push(`digests ${digests.map(({ path }) => path)}`),
      onPurged: ({ paths, prefixes }) => heard.push(`purged ${paths} below ${prefixes}`),
      onState: (state, reason) => heard.push(`${state}: ${reason}`),
    });
  });

  const socket = (index: number): FakeSocket => {
    const found = sockets.at(index);
    if (found === undefined) throw new Error(`no socket ${index}`);
    return found;
  };

  it('joins the room of its presentation', () => {
    expect(sockets).toHaveLength(0);
    room.join();
    room.join();
    expect(sockets).toHaveLength(1);
    expect(socket(0).url).toBe('wss://edge.example/_eddy/swarm');
    expect(room.state).toBe('connecting');
    socket(0).admit();
    expect(socket(0).sent).toEqual([
      {
        type: 'join',
        version: PROTOCOL_VERSION,
        presentation: '/v/master.m3u8',
        viewer: 'viewer',
        session: 'session',
        upload: true,
      },
    ]);
    expect(room.state).toBe('joined');
    expect(room.welcome?.peer).toBe('me');
    expect(heard).toEqual(['connecting: opening', 'joined: room site/video', 'welcome me']);
  });

  it('passes on what the edge says', () => {
    room.join();
    socket(0).admit();
    heard.length = 0;
    socket(0).say({ type: 'peers', meet: [{ peer: 'a', offer: true }], gone: ['b'] });
    socket(0).say({ type: 'signal', from: 'a', payload: '{}' });
    socket(0).say({ type: 'config', config: { mode: 'leech', maxPeers: 1, uploadBytesPerSecond: 0 } });
    socket(0).events.onBinary(encodeDigestBlock([digest]));
    expect(heard).toEqual(['peers a gone b', 'signal a {}', 'config leech', 'digests /v/1.m4s']);
  });

  it('comes back after ever longer waits, and at once fast again after a good while', async () => {
    room.join();
    const waits: number[] = [];
    for (let tries = 0; tries < 10; tries++) {
      const lostAt = time.clock.now();
      const opened = sockets.length;
      socket(-1).events.onClose('gone');
      expect(room.state).toBe('away');
      await time.advanceUntil(() => sockets.length > opened, { stepMs: 1 });
      waits.push(time.clock.now() - lostAt);
    }
    for (const [index, wait] of waits.entries()) {
      const most = Math.min(30_000, 500 * 2 ** index);
      expect(wait).toBeGreaterThanOrEqual(most / 2);
      expect(wait).toBeLessThanOrEqual(most + 1);
    }
    socket(-1).admit();
    await time.advance(10_000);
    const opened = sockets.length;
    socket(-1).events.onClose('gone');
    await time.advance(501);
    expect(sockets).toHaveLength(opened + 1);
  });

  it('gives up a socket that does not answer the join', async () => {
    room.join();
    socket(0).events.onOpen();
    await time.advance(9_999);
    expect(room.state).toBe('connecting');
    await time.advance(1);
    expect(room.state).toBe('away');
    expect(socket(0).closed).toBe(true);
  });

  it('stays away when the edge says so, and says why', async () => {
    room.join();
    socket(0).events.onOpen();
    socket(0).say({ type: 'error', code: 'bad-version', message: 'use a newer SDK', retry: false });
    expect(heard.at(-1)).toBe('closed: bad-version: use a newer SDK');
    await time.advance(120_000);
    expect(sockets).toHaveLength(1);
    expect(time.pending).toBe(0);
  });

  it('comes back when the edge says it may', async () => {
    room.join();
    socket(0).events.onOpen();
    socket(0).say({ type: 'error', code: 'closing', message: 'restarting', retry: true });
    expect(heard.at(-1)).toBe('away: closing: restarting');
    await time.advance(1_000);
    expect(sockets).toHaveLength(2);
  });

  it('does not stay with an edge of another version', () => {
    room.join();
    socket(0).events.onOpen();
    socket(0).say({ ...welcome(), version: 9 });
    expect(heard.at(-1)).toBe(`closed: the edge speaks version 9, this player ${PROTOCOL_VERSION}`);
  });

  it('keeps a bounded number of wants while it is away, and no words that name peers', async () => {
    room.join();
    socket(0).admit();
    socket(0).events.onClose('gone');
    room.send({ type: 'signal', to: 'a', payload: '{}' });
    room.send({ type: 'peer-failed', peer: 'a', reason: 'lost' });
    for (let index = 0; index < 100; index++) {
      room.send({ type: 'want-digests', segments: [{ path: `/${index}` }] });
    }
    await time.advance(1_000);
    socket(1).admit('me-again');
    const [join, ...rest] = socket(1).sent;
    expect(join?.type).toBe('join');
    expect(rest).toHaveLength(32);
    expect(rest.at(-1)).toEqual({ type: 'want-digests', segments: [{ path: '/99' }] });
  });

  it('ignores a few words that it does not know, and leaves what speaks no other', () => {
    room.join();
    socket(0).admit();
    heard.length = 0;
    for (let index = 0; index < 7; index++) socket(0).events.onText('{"type":"from the future"}');
    socket(0).say({ type: 'peers', meet: [], gone: [] });
    expect(heard).toEqual(['peers  gone ']);
    socket(0).events.onBinary(Uint8Array.of(1, 2, 3));
    expect(heard.at(-1)).toContain('away: what answers is not an edge');
  });

  it.each<[string, (socket: FakeSocket) => void]>([
    ['anything before the welcome', (one) => one.say({ type: 'peers', meet: [], gone: [] })],
    ['a second welcome', (one) => one.say(welcome())],
    ['half a message', (one) => one.events.onText('{"type":"peers"')],
    ['a binary message over the limit', (one) => one.events.onBinary(new Uint8Array(70_000))],
  ])('does not act on %s', (what, say) => {
    room.join();
    if (what !== 'anything before the welcome') socket(0).admit();
    heard.length = 0;
    say(socket(0));
    expect(heard).toEqual([]);
  });

  it('hears nothing of a socket that it has given up', async () => {
    room.join();
    socket(0).admit();
    socket(0).events.onClose('gone');
    await time.advance(1_000);
    heard.length = 0;
    socket(0).say({ type: 'peers', meet: [], gone: [] });
    socket(0).events.onClose('gone again');
    expect(heard).toEqual([]);
    expect(room.state).toBe('connecting');
  });

  it('says goodbye and never comes back', async () => {
    room.join();
    socket(0).admit();
    room.leave();
    room.leave();
    room.join();
    expect(socket(0).sent.at(-1)).toEqual({ type: 'leave' });
    expect(socket(0).closed).toBe(true);
    socket(0).events.onClose('closed');
    room.send({ type: 'want-digests', segments: [] });
    await time.advance(120_000);
    expect(sockets).toHaveLength(1);
    expect(time.pending).toBe(0);
  });

  it('takes a socket that cannot be opened for one that closed', async () => {
    let tries = 0;
    const refused = new RoomClient(
      {
        ...{ clock: time.clock, timers: time.timers },
        random: () => 0,
        openSocket: () => {
          tries++;
          throw new Error('insecure');
        },
      },
      OPTIONS,
    );
    refused.join();
    expect(refused.state).toBe('away');
    await time.advance(250);
    expect(tries).toBe(2);
    refused.leave();
  });

  it('needs a URL', () => {
    const components = { clock: time.clock, timers: time.timers, random: seededRandom(1) };
    expect(() => new RoomClient(components, { ...OPTIONS, edge: 'edge.example' })).toThrow(TypeError);
  });

  it('uses the newest ICE servers', () => {
    room.join();
    socket(0).admit();
    socket(0).say({ type: 'ice', iceServers: [{ urls: ['turn:t'], username: 'u', credential: 'c' }] });
    expect(room.welcome).toMatchObject({ peer: 'me', iceServers: [{ username: 'u' }] });
  });

  it('comes back when a closing edge says, to the one it names, and home when that does not answer', async () => {
    room.join();
    socket(0).admit();
    const closing = { type: 'error', code: 'closing', message: '', retry: true } as const;
    socket(0).say({ ...closing, retryAfterMs: 4321, meet: ['https://other.example'] });
    expect(socket(0).closed).toBe(true);
    await time.advance(4320);
    expect(sockets).toHaveLength(1);
    await time.advance(1);
    expect(socket(1).url).toBe('wss://other.example/_eddy/swarm');
    socket(1).events.onClose('refused');
    await time.advance(500);
    expect(socket(2).url).toBe('wss://edge.example/_eddy/swarm');
    expect(room.edge).toBe('https://edge.example/');
  });

  it('hears of purges, and says how long it was away so that it hears of those it missed', async () => {
    room.join();
    socket(0).admit();
    expect(socket(0).sent[0]).not.toHaveProperty('awayMs');
    socket(0).say({ type: 'purged', paths: ['/v/1.ts'], prefixes: ['/w/'] });
    expect(heard.at(-1)).toBe('purged /v/1.ts below /w/');
    socket(0).events.onClose('gone');
    await time.advance(500);
    socket(1).events.onClose('still gone');
    await time.advance(1000);
    socket(2).admit();
    expect(socket(2).sent[0]).toMatchObject({ type: 'join', awayMs: 1500 });
    await time.advance(700_000);
    expect(heard.filter((word) => word.startsWith('purged'))).toHaveLength(1);
  });

  it('lets go of everything after it was away for longer than purges are remembered', async () => {
    room.join();
    socket(0).admit();
    while (time.clock.now() < 600_000) {
      socket(-1).events.onClose('gone');
      await time.advance(1_000);
    }
    expect(heard).toContain('purged  below /');
    socket(-1).events.onClose('gone');
    await time.advance(60_000);
    socket(-1).admit();
    expect(socket(-1).sent[0]).not.toHaveProperty('awayMs');
  });

  it('says what it would upload at most', () => {
    const { sockets: opened, openSocket } = fakeSockets();
    const capped = new RoomClient(
      { clock: time.clock, timers: time.timers, random: () => 0, openSocket },
      { ...OPTIONS, uploadBytesPerSecond: 50_000 },
    );
    capped.join();
    opened[0]?.admit();
    expect(opened[0]?.sent[0]).toMatchObject({ uploadBytesPerSecond: 50_000 });
  });

  describe('with tokens', () => {
    const tokens = ['a.a.a', 'b.b.b', 'c.c.c'];
    let asked: number;
    const withTokens = (edge: string, getToken?: RoomOptions['getToken']): RoomClient => {
      asked = 0;
      const fake = fakeSockets();
      sockets = fake.sockets;
      return new RoomClient(
        { clock: time.clock, timers: time.timers, random: () => 0, openSocket: fake.openSocket },
        { ...OPTIONS, edge, getToken: getToken ?? (async () => tokens[asked++] ?? '') },
      );
    };

    it('renews the one it came with when the edge asks, and uses it from then on', async () => {
      const client = withTokens('https://edge.example/~x.y.z/');
      client.join();
      expect(socket(0).url).toBe('wss://edge.example/~x.y.z/_eddy/swarm');
      socket(0).admit();
      socket(0).say({ type: 'renew', withinMs: 60_000 });
      await time.advance(0);
      expect(socket(0).sent.at(-1)).toEqual({ type: 'token', token: 'a.a.a' });
      expect(client.edge).toBe('https://edge.example/~a.a.a/');
      socket(0).events.onClose('gone');
      await time.advance(500);
      expect(socket(1).url).toBe('wss://edge.example/~a.a.a/_eddy/swarm');
      expect(asked).toBe(1);
    });

    it('asks for one before it comes, where the address has none', async () => {
      const client = withTokens('https://edge.example');
      client.join();
      expect(sockets).toHaveLength(0);
      await time.advance(0);
      expect(socket(0).url).toBe('wss://edge.example/~a.a.a/_eddy/swarm');
    });

    it('asks for another one when it is put out, or not let in', async () => {
      const client = withTokens('https://edge.example/~x.y.z/');
      client.join();
      socket(0).admit();
      socket(0).say({ type: 'error', code: 'token-expired', message: 'it ended', retry: true });
      expect(client.state).toBe('away');
      await time.advance(500);
      expect(socket(1).url).toBe('wss://edge.example/~a.a.a/_eddy/swarm');
      socket(1).events.onClose('socket closed (1006)');
      await time.advance(1000);
      expect(socket(2).url).toBe('wss://edge.example/~b.b.b/_eddy/swarm');
    });

    it('asks again while there is time when the page has none to give', async () => {
      let tries = 0;
      const client = withTokens('https://edge.example/~x.y.z/', () => {
        tries++;
        if (tries < 3) throw new Error('not now');
        return 'a.a.a';
      });
      client.join();
      socket(0).admit();
      socket(0).say({ type: 'renew', withinMs: 60_000 });
      await time.advance(15_000);
      expect(tries).toBe(2);
      await time.advance(11_250);
      expect(socket(0).sent.at(-1)).toEqual({ type: 'token', token: 'a.a.a' });
      await time.advance(60_000);
      expect(tries).toBe(3);
    });

    it('does not say an answer that comes after it left', async () => {
      let give: (token: string) => void = () => {};
      const client = withTokens(
        'https://edge.example/~x.y.z/',
        () => new Promise((resolve) => (give = resolve)),
      );
      client.join();
      socket(0).admit();
      socket(0).say({ type: 'renew', withinMs: 60_000 });
      client.leave();
      give('a.a.a');
      await time.advance(1000);
      expect(socket(0).sent.at(-1)).toEqual({ type: 'leave' });
      expect(sockets).toHaveLength(1);
    });

    it('without any, leaves for good when its token ends, and everything stops', async () => {
      room.join();
      socket(0).admit();
      socket(0).say({ type: 'renew', withinMs: 60_000 });
      socket(0).say({ type: 'error', code: 'token-expired', message: 'it ended', retry: true });
      expect(heard.slice(-2)).toEqual(['config off', 'closed: token-expired: it ended']);
      await time.advance(700_000);
      expect(sockets).toHaveLength(1);
    });
  });

  function welcome(): Welcome {
    return {
      type: 'welcome',
      version: PROTOCOL_VERSION,
      peer: 'me',
      room: 'r',
      arm: 'treated',
      config: { mode: 'on', maxPeers: 1, uploadBytesPerSecond: 0 },
      iceServers: [],
    };
  }
});

describe('back-off', () => {
  it('spreads over the upper half of a doubling wait', () => {
    const options = { firstMs: 100, mostMs: 1_000 };
    expect([0, 1, 2, 3, 4, 5000].map((attempt) => backOffMs(attempt, () => 0, options))).toEqual([
      50, 100, 200, 400, 500, 500,
    ]);
    expect(backOffMs(0, () => 0.999, options)).toBeCloseTo(100, 0);
  });
});
