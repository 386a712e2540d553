import { get } from 'node:http';
import { connect } from 'node:net';
import { decodeDigestBlock, MAX_SIGNALING_BYTES, PROTOCOL_VERSION } from '@eddy/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { SegmentDigests } from '../digests/segment-digests.js';
import { DEFAULT_SWARM_CONFIG, DEFAULT_SWARM_LIMITS } from './config.js';
import { FREE_PASS, type Pass } from './pass.js';
import { closeAll, JOIN, open, refusals, Viewer } from './testing/swarm-fixture.js';

afterEach(closeAll);

describe('two viewers of one presentation', () => {
  it('are introduced, the newcomer offering, and signal to each other', async () => {
    const place = await open({ iceServers: [{ urls: ['stun:stun.example'] }] });
    const first = await new Viewer(place).opened();
    first.say(JOIN);
    const welcome = await first.nextOf('welcome');
    expect(welcome).toMatchObject({
      version: PROTOCOL_VERSION,
      room: 'video.example/v/main.m3u8',
      arm: 'treated',
      config: { mode: 'on', maxPeers: 8 },
      iceServers: [{ urls: ['stun:stun.example'] }],
    });
    const second = new Viewer(place);
    const name = await second.join({ presentation: '/v/main.m3u8?token=other' });
    expect(await second.nextOf('peers')).toMatchObject({
      meet: [{ peer: welcome.peer, offer: true }],
      gone: [],
    });
    expect(await first.nextOf('peers')).toMatchObject({ meet: [{ peer: name, offer: false }], gone: [] });
    second.say({ type: 'signal', to: welcome.peer, payload: '{"sdp":1}' });
    expect(await first.nextOf('signal')).toEqual({ type: 'signal', from: name, payload: '{"sdp":1}' });
    expect(place.service.stats()).toMatchObject({ viewers: 2, rooms: 1, sockets: 2 });
    second.ws.terminate();
    expect(await first.nextOf('peers')).toMatchObject({ meet: [], gone: [name] });
    first.say({ type: 'leave' });
    expect(await first.closed).toMatchObject({ code: 1000 });
    expect(place.service.stats()).toMatchObject({ viewers: 0, rooms: 0 });
  });

  it('lose each other, and each gets another, when one says that it failed', async () => {
    const place = await open({ players: { mode: 'on', maxPeers: 1, uploadBytesPerSecond: 0 } });
    const [a, b, c] = [new Viewer(place), new Viewer(place), new Viewer(place)];
    const names = [await a.join(), await b.join(), await c.join()];
    await a.nextOf('peers');
    await b.nextOf('peers');
    b.say({ type: 'peer-failed', peer: names[0], reason: 'lost' });
    const told = await b.nextOf('peers');
    expect(told.meet).toEqual([{ peer: names[2], offer: true }]);
    expect(await a.nextOf('peers')).toMatchObject({ meet: [], gone: [names[1]] });
    expect(await c.nextOf('peers')).toMatchObject({ meet: [{ peer: names[1], offer: false }] });
  });
});

describe('a stranger', () => {
  it.each([
    ['another presentation', { presentation: '/w/main.m3u8' }, 'video.example'],
    ['another site', {}, 'other.example'],
    ['the holdout', { viewer: 'held' }, 'video.example'],
  ])('from %s cannot signal into the room', async (_, join, host) => {
    const holdout = 'viewer' in join;
    const place = await open();
    const inside = new Viewer(place);
    const name = await inside.join();
    if (holdout) place.service.setConfig({ ...DEFAULT_SWARM_CONFIG, holdoutPercent: 100 });
    if (holdout) await inside.nextOf('config');
    const stranger = new Viewer(place, host);
    await stranger.join(join);
    stranger.say({ type: 'signal', to: name, payload: 'hello' });
    await stranger.settled();
    expect(await refusals(place, 'not-introduced')).toBe(1);
    await inside.settled();
    inside.say({ type: 'want-digests', segments: [] });
    inside.say({ type: 'leave' });
    expect(await inside.closed).toMatchObject({ code: 1000 });
  });
});

describe('what is refused', () => {
  it.each([
    ['garbage', 'hello', 'bad-message', false],
    ['an unknown type', { type: 'dance' }, 'bad-message', false],
    ['another version', { ...JOIN, version: 9 }, 'bad-version', false],
    ['another version with other fields', { type: 'join', version: 9, room: 1 }, 'bad-version', false],
    ['signaling before joining', { type: 'signal', to: 'x', payload: '' }, 'not-joined', false],
    [
      'a path too long once encoded',
      { ...JOIN, presentation: `/${'é'.repeat(800)}` },
      'bad-presentation',
      false,
    ],
  ])('%s: an error that says whether to come back, and the socket closes', async (_, words, code, retry) => {
    const place = await open();
    const bystander = new Viewer(place);
    await bystander.join({ presentation: '/other' });
    const viewer = await new Viewer(place).opened();
    viewer.say(words);
    expect(await viewer.nextOf('error')).toMatchObject({ code, retry });
    expect(await viewer.closed).toEqual({ code: 1008, reason: code });
    expect(await refusals(place, code)).toBe(1);
    await bystander.settled();
  });

  it('a second join on one socket', async () => {
    const place = await open();
    const viewer = new Viewer(place);
    await viewer.join();
    viewer.say(JOIN);
    expect(await viewer.nextOf('error')).toMatchObject({ code: 'already-joined' });
    expect(place.service.stats().viewers).toBe(0);
  });

  it('binary and oversize messages, which cost only their own socket', async () => {
    const place = await open();
    const bystander = new Viewer(place);
    await bystander.join();
    const binary = await new Viewer(place).opened();
    binary.ws.send(Buffer.from([1, 2, 3]));
    expect(await binary.nextOf('error')).toMatchObject({ code: 'bad-message' });
    const large = await new Viewer(place).opened();
    large.ws.send('x'.repeat(MAX_SIGNALING_BYTES + 1));
    expect(await large.closed).toMatchObject({ code: 1009 });
    expect(await refusals(place, 'too-large')).toBe(1);
    await bystander.settled();
  });

  it('a flood, while others talk on', async () => {
    const place = await open({
      limits: { ...DEFAULT_SWARM_LIMITS, messageBurst: 20, messagesPerSecond: 0.001 },
    });
    const bystander = new Viewer(place);
    const name = await bystander.join();
    const flooding = new Viewer(place);
    await flooding.join();
    await flooding.nextOf('peers');
    for (let count = 0; count < 50; count++) flooding.say({ type: 'signal', to: name, payload: 'x' });
    expect(await flooding.nextOf('error')).toMatchObject({ code: 'too-fast', retry: true });
    expect(await flooding.closed).toMatchObject({ code: 1008 });
    await bystander.nextOf('peers');
    for (let carried = 0; carried < 19; carried++) await bystander.nextOf('signal');
    expect((await bystander.nextOf('peers')).gone).toHaveLength(1);
  });

  it('one socket too many, in plain HTTP', async () => {
    const place = await open({ limits: { ...DEFAULT_SWARM_LIMITS, socketsPerAddress: 1 } });
    const viewer = new Viewer(place);
    await viewer.join();
    const status = new Promise((resolve) => {
      const extra = new Viewer(place);
      extra.ws.on('unexpected-response', (_, response) => resolve(response.statusCode));
    });
    expect(await status).toBe(429);
    viewer.say({ type: 'leave' });
    await viewer.closed;
    await new Viewer(place).join();
  });

  it('sockets that never join, and those that fall silent', async () => {
    const place = await open();
    const mute = await new Viewer(place).opened();
    place.timers.fire(DEFAULT_SWARM_LIMITS.joinSeconds * 1000);
    expect(await mute.nextOf('error')).toMatchObject({ code: 'join-timeout', retry: true });
    const alive = new Viewer(place);
    await alive.join();
    const dead = new Viewer(place);
    await dead.join();
    // It reads nothing any more, so it answers no ping.
    dead.ws.pause();
    place.timers.fire(DEFAULT_SWARM_LIMITS.heartbeatSeconds * 1000);
    await alive.nextOf('peers');
    await alive.settled();
    place.timers.fire(DEFAULT_SWARM_LIMITS.heartbeatSeconds * 1000);
    expect((await alive.nextOf('peers')).gone).toHaveLength(1);
    expect(await refusals(place, 'silent')).toBe(1);
  });
});

describe('digests', () => {
  const fill = (digests: SegmentDigests, path: string): void => {
    const hasher = digests.hasher(path);
    hasher.update(Buffer.from(path));
    hasher.finish(path.length);
  };

  it('that are known come at once, others when their fill ends, once', async () => {
    const place = await open();
    fill(place.digests, '/v/1.m4s');
    const viewer = new Viewer(place);
    await viewer.join();
    viewer.say({ type: 'want-digests', segments: [{ path: '/v/1.m4s' }, { path: '/v/2.m4s' }] });
    const known = await viewer.next();
    expect(known instanceof Uint8Array && decodeDigestBlock(known).map(({ path }) => path)).toEqual([
      '/v/1.m4s',
    ]);
    expect(place.service.stats().wants).toBe(1);
    fill(place.digests, '/v/2.m4s');
    const pushed = await viewer.next();
    expect(pushed instanceof Uint8Array && decodeDigestBlock(pushed)[0]).toMatchObject({
      path: '/v/2.m4s',
      start: 0,
      bytes: 8,
    });
    fill(place.digests, '/v/2.m4s');
    await viewer.settled();
    expect(await place.registry.metrics()).toContain('eddy_swarm_digests_pushed_total 2');
    expect(place.service.stats().wants).toBe(0);
  });

  it('are not waited for without bound', async () => {
    const place = await open({ limits: { ...DEFAULT_SWARM_LIMITS, wantsPerSocket: 3 } });
    const viewer = new Viewer(place);
    await viewer.join();
    viewer.say({
      type: 'want-digests',
      segments: [1, 2, 3, 4, 5].map((index) => ({ path: `/v/${index}.ts` })),
    });
    await viewer.settled();
    expect(place.service.stats().wants).toBe(3);
    expect(await refusals(place, 'too-many-wants')).toBe(2);
    viewer.ws.terminate();
    await viewer.closed;
  });
});

describe('the operator', () => {
  it('turns peers off and on while people watch', async () => {
    const place = await open();
    const [a, b] = [new Viewer(place), new Viewer(place)];
    const names = [await a.join(), await b.join()];
    await a.nextOf('peers');
    await b.nextOf('peers');
    const off = { mode: 'off', maxPeers: 8, uploadBytesPerSecond: 0 } as const;
    place.service.setConfig({ ...DEFAULT_SWARM_CONFIG, players: off });
    expect(await a.nextOf('config')).toEqual({ type: 'config', config: off });
    await b.nextOf('config');
    place.service.setConfig(DEFAULT_SWARM_CONFIG);
    expect(await a.nextOf('config')).toMatchObject({ config: { mode: 'on' } });
    await b.nextOf('config');
    expect((await a.nextOf('peers')).meet.map(({ peer }) => peer)).toEqual([names[1]]);
    expect((await b.nextOf('peers')).meet.map(({ peer }) => peer)).toEqual([names[0]]);
  });

  it('holds viewers out: mode off, introduced to nobody', async () => {
    const place = await open({ holdoutPercent: 100 });
    const [a, b] = [await new Viewer(place).opened(), new Viewer(place)];
    a.say(JOIN);
    expect(await a.nextOf('welcome')).toMatchObject({ arm: 'holdout', config: { mode: 'off' } });
    await b.join();
    a.say({ type: 'leave' });
    expect(await a.closed).toMatchObject({ code: 1000 });
    expect(place.service.stats()).toMatchObject({ viewers: 1, rooms: 0 });
  });

  it('closes the edge: players are told when to come back', async () => {
    const place = await open();
    const viewer = new Viewer(place);
    await viewer.join();
    const done = place.service.close();
    expect(await viewer.nextOf('error')).toMatchObject({ code: 'closing', retry: true });
    const { code, reason } = await viewer.closed;
    expect(code).toBe(1001);
    expect(reason).toMatch(/^retry-after-ms=\d+$/);
    await done;
  });

  it('names other edges, and a time of its own to each player', async () => {
    let draws = 0;
    const place = await open(
      { meet: ['https://other.example'] },
      { random: () => [0.25, 0.75][draws++ % 2] ?? 0 },
    );
    const [a, b] = [new Viewer(place), new Viewer(place)];
    for (const [index, viewer] of [a, b].entries()) await viewer.join({ presentation: `/${index}.m3u8` });
    draws = 0;
    const done = place.service.close();
    const told = [await a.nextOf('error'), await b.nextOf('error')];
    expect(told.map(({ meet }) => meet)).toEqual([['https://other.example'], ['https://other.example']]);
    expect(told.map(({ retryAfterMs }) => retryAfterMs)).toEqual([1250, 3750]);
    expect((await a.closed).reason).toBe('retry-after-ms=1250');
    await done;
  });
});

/** Everything below `prefix`, until `endsAtMs`. */
const pass = (prefix: string, endsAtMs: number): Pass => ({
  endsAtMs,
  allows: (path) => path.startsWith(prefix),
  allowsBelow: (other) => other.startsWith(prefix) || prefix.startsWith(other),
});

describe('a token', () => {
  const END = 1_700_000_600_000;
  const LATER = 1_700_001_200_000;
  const entry = (endsAtMs = END) =>
    ({
      ...{ site: 'video.example', sitePrefix: '', pass: pass('/v/', endsAtMs) },
      renew: async (token: string) =>
        ({ good: pass('/v/', LATER), narrow: pass('/w/', LATER) })[token] ?? undefined,
    }) as const;

  it('that ends puts its player out: warned in time, and the others exchange nothing with it any more', async () => {
    let arrivals = 0;
    const admit = async () => entry(arrivals++ === 0 ? END : LATER);
    const place = await open({}, { admit });
    const [a, b] = [new Viewer(place), new Viewer(place)];
    const name = await a.join();
    const other = await b.join();
    await a.nextOf('peers');
    await b.nextOf('peers');
    place.nowMs = END - 60_000;
    place.timers.fire(540_000);
    expect(await a.nextOf('renew')).toEqual({ type: 'renew', withinMs: 60_000 });
    place.nowMs = END;
    place.timers.fire(60_000);
    expect(await a.nextOf('error')).toMatchObject({ code: 'token-expired', retry: true });
    expect(await a.closed).toEqual({ code: 4401, reason: 'token-expired' });
    expect(await b.nextOf('peers')).toEqual({ type: 'peers', meet: [], gone: [], expelled: [name] });
    expect(await b.nextOf('peers')).toMatchObject({ gone: [name] });
    expect(await refusals(place, 'token-expired')).toBe(1);
    expect(place.service.stats().viewers).toBe(1);
    b.say({ type: 'signal', to: other, payload: '' });
    await b.settled();
  });

  it('that is renewed in time changes nothing else', async () => {
    const place = await open({}, { admit: async () => entry() });
    const viewer = new Viewer(place);
    await viewer.join();
    place.nowMs = END - 60_000;
    place.timers.fire(540_000);
    await viewer.nextOf('renew');
    viewer.say({ type: 'token', token: 'good' });
    await viewer.settled();
    place.nowMs = END;
    place.timers.fire(60_000);
    await viewer.settled();
    expect(place.service.stats().viewers).toBe(1);
    expect(await place.registry.metrics()).toContain('eddy_swarm_tokens_renewed_total 1');
    place.nowMs = LATER;
    place.timers.fire(600_000);
    place.timers.fire(60_000);
    expect(await viewer.nextOf('error')).toMatchObject({ code: 'token-expired' });
  });

  it.each(['bad', 'narrow'])(
    'that is %s renews nothing, and another one is asked for a few times',
    async (token) => {
      const place = await open({}, { admit: async () => entry() });
      const viewer = new Viewer(place);
      await viewer.join();
      for (let tries = 0; tries < 5; tries++) viewer.say({ type: 'token', token });
      expect(await viewer.nextOf('renew')).toEqual({ type: 'renew', withinMs: 600_000 });
      await viewer.nextOf('renew');
      await viewer.settled();
      expect(await refusals(place, 'token-renewal')).toBe(5);
      place.nowMs = END;
      place.timers.fire(540_000);
      expect(await viewer.nextOf('error')).toMatchObject({ code: 'token-expired' });
    },
  );

  it('for something else lets nobody in, and tells nothing of what is there', async () => {
    const place = await open({}, { admit: async () => entry() });
    const inside = new Viewer(place);
    await inside.join();
    const stranger = await new Viewer(place).opened();
    stranger.say({ ...JOIN, presentation: '/w/main.m3u8' });
    expect(await stranger.nextOf('error')).toMatchObject({ code: 'token-path', retry: false });
    const fill = place.digests.hasher('/w/1.ts');
    fill.update(Buffer.from('secret'));
    fill.finish(6);
    inside.say({ type: 'want-digests', segments: [{ path: '/w/1.ts' }] });
    place.service.purged({ paths: ['/w/1.ts', '/v/1.ts'], prefixes: ['/w/', '/'] });
    place.timers.fire(250);
    expect(await inside.nextOf('purged')).toMatchObject({ prefixes: ['/'] });
    place.service.purged({ paths: ['/w/1.ts', '/v/1.ts'], prefixes: ['/w/', '/v/sub/'] });
    place.timers.fire(250);
    expect(await inside.nextOf('purged')).toEqual({
      type: 'purged',
      paths: ['/v/1.ts'],
      prefixes: ['/v/sub/'],
    });
    expect(await refusals(place, 'token-path')).toBe(2);
    expect(place.service.stats().wants).toBe(0);
  });
});

describe('purges', () => {
  it('reach the players of their site together, and those who were away when they come back', async () => {
    let arrivals = 0;
    const sites = ['tv', 'tv', 'radio', 'tv', 'tv'];
    const admit = async () => {
      const site = sites[arrivals++] ?? '';
      return { ...{ site, sitePrefix: `${site}:`, pass: FREE_PASS }, renew: async () => FREE_PASS };
    };
    const place = await open({}, { admit });
    const tv = new Viewer(place);
    await tv.join();
    const second = new Viewer(place);
    await second.join({ presentation: '/other.m3u8' });
    const radio = new Viewer(place);
    await radio.join();
    place.service.purged({ paths: ['tv:/v/1.ts'], prefixes: [] });
    place.service.purged({ paths: ['tv:/v/1.ts', 'tv:/v/2.ts'], prefixes: ['tv:/w/'] });
    place.timers.fire(250);
    const purged = { type: 'purged', paths: ['/v/1.ts', '/v/2.ts'], prefixes: ['/w/'] };
    expect(await tv.nextOf('purged')).toEqual(purged);
    expect(await second.nextOf('purged')).toEqual(purged);
    await radio.settled();
    radio.say({ type: 'leave' });
    expect(await radio.closed).toMatchObject({ code: 1000 });
    const back = new Viewer(place);
    await back.join({ presentation: '/back.m3u8', awayMs: 5000 });
    expect(await back.nextOf('purged')).toEqual(purged);
    const fresh = new Viewer(place);
    await fresh.join({ presentation: '/fresh.m3u8' });
    await fresh.settled();
    fresh.say({ type: 'leave' });
    expect(await fresh.closed).toMatchObject({ code: 1000 });
  });

  it('of very many segments are told as folders', async () => {
    const place = await open();
    const viewer = new Viewer(place);
    await viewer.join();
    const paths = Array.from({ length: 2000 }, (_, index) => `/v/${index % 3}/${index}.ts`);
    place.service.purged({ paths, prefixes: [] });
    place.timers.fire(250);
    expect(await viewer.nextOf('purged')).toEqual({
      type: 'purged',
      paths: [],
      prefixes: ['/v/0/', '/v/1/', '/v/2/'],
    });
  });

  it('of long names fit into messages', async () => {
    const place = await open();
    const viewer = new Viewer(place);
    await viewer.join();
    const paths = Array.from({ length: 300 }, (_, index) => `/${'x'.repeat(1000)}${1000 + index}.ts`);
    place.service.purged({ paths, prefixes: [] });
    place.timers.fire(250);
    const heard: string[] = [];
    while (heard.length < 300) heard.push(...(await viewer.nextOf('purged')).paths);
    expect(heard).toEqual(paths);
  });
});

describe('TURN credentials', () => {
  it('are for one player, and replaced before they end', async () => {
    const turn = { urls: ['turn:turn.example'], secret: 'between us', lifetimeMs: 600_000 };
    const place = await open({ turn });
    const viewer = await new Viewer(place).opened();
    viewer.say(JOIN);
    const { iceServers, peer } = await viewer.nextOf('welcome');
    expect(iceServers[0]?.username).toBe(`1700000600:${peer}`);
    expect(JSON.stringify(iceServers)).not.toContain('between us');
    place.timers.fire(15_000);
    await viewer.settled();
    place.nowMs += 360_000;
    place.timers.fire(15_000);
    const renewed = await viewer.nextOf('ice');
    expect(renewed.iceServers[0]?.username).toBe(`1700000960:${peer}`);
    await viewer.settled();
    place.timers.fire(15_000);
    await viewer.settled();
    expect(await place.registry.metrics()).toContain('eddy_swarm_ice_renewals_total 1');
  });

  it('are not for those who have no peers', async () => {
    const turn = { urls: ['turn:turn.example'], secret: 'between us', lifetimeMs: 600_000 };
    const place = await open({ turn, holdoutPercent: 100 });
    const viewer = await new Viewer(place).opened();
    viewer.say(JOIN);
    expect((await viewer.nextOf('welcome')).iceServers).toEqual([]);
  });
});

describe('a player that others have lost', () => {
  it('is asked at once, and given up unless it answers', async () => {
    const place = await open();
    const [a, b, c] = [new Viewer(place), new Viewer(place), new Viewer(place)];
    await a.join();
    const dead = await b.join();
    const alive = await c.join();
    await a.nextOf('peers');
    await a.nextOf('peers');
    // It reads nothing any more, so it answers no ping.
    b.ws.pause();
    const ponged = new Promise((resolve) => c.ws.once('ping', resolve));
    for (const peer of [dead, alive]) a.say({ type: 'peer-failed', peer, reason: 'lost' });
    await ponged;
    await c.settled();
    place.timers.fire(4000);
    await c.nextOf('peers');
    const gone: string[] = [];
    while (!gone.includes(dead)) gone.push(...(await c.nextOf('peers')).gone);
    expect(await refusals(place, 'silent')).toBe(1);
    expect(place.service.stats().viewers).toBe(2);
    expect(await place.registry.metrics()).toContain('eddy_swarm_peer_failures_total{reason="lost"} 2');
  });
});

describe('words that cost nothing', () => {
  it('are those of newer players, and a status too many', async () => {
    const place = await open();
    const viewer = new Viewer(place);
    await viewer.join();
    viewer.say({ type: 'dance' });
    for (let count = 0; count < 3; count++) viewer.say({ type: 'status', positionMs: 1000, uploads: [] });
    await viewer.settled();
    expect(await refusals(place, 'unknown-message')).toBe(1);
    expect(await refusals(place, 'status-too-soon')).toBe(2);
    expect(place.service.stats().viewers).toBe(1);
  });
});

describe('other upgrade offers', () => {
  it('are ignored: a plain GET is answered as one', async () => {
    const place = await open();
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
      get({ port: place.port, host: '127.0.0.1', path: '/v/1.ts', headers }, (response) => {
        response.setEncoding('utf8');
        response.on('data', (text) => resolve(`${response.statusCode} ${text}`));
      }).on('error', reject);
    });
    expect(answer).toBe('200 plain GET /v/1.ts');
  });

  it('are answered at the pace of the client, however long the body', async () => {
    const place = await open();
    const pieces = Array.from({ length: 64 }, () => Buffer.alloc(256 * 1024));
    place.server.removeAllListeners('request').on('request', async (_, response) => {
      for (const piece of pieces) {
        if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end();
    });
    const bytes = await new Promise<number>((resolve, reject) => {
      const headers = { connection: 'Upgrade', upgrade: 'h2c' };
      get({ port: place.port, host: '127.0.0.1', headers }, (response) => {
        let received = 0;
        response.on('data', (data: Buffer) => {
          received += data.length;
        });
        response.on('end', () => resolve(received));
      }).on('error', reject);
    });
    expect(bytes).toBe(64 * 256 * 1024);
  });

  it('end when the client leaves in the middle', async () => {
    const place = await open();
    const left = new Promise((resolve) => {
      place.server.removeAllListeners('request').on('request', (_, response) => {
        response.write('the first part of many');
        response.once('close', resolve);
      });
    });
    const client = connect(place.port, '127.0.0.1');
    client.on('error', () => undefined);
    client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    client.once('data', () => client.resetAndDestroy());
    await left;
  });

  it('do not hold up a closing edge', async () => {
    const place = await open();
    const asked = new Promise((resolve) => {
      place.server.removeAllListeners('request').on('request', resolve);
    });
    const client = connect(place.port, '127.0.0.1');
    client.on('error', () => undefined);
    client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    await asked;
    const closed = place.service.close();
    place.timers.fire(2000);
    await closed;
    client.destroy();
  });

  it.each([
    ['answered', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'],
    [
      'refused',
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 1\r\n\r\n1',
    ],
  ])('leave no socket behind once %s, even with a client that never ends its side', async (_, words) => {
    const place = await open();
    const gone = new Promise((resolve) => {
      place.server.once('connection', (socket) => socket.once('close', resolve));
    });
    const client = connect({ port: place.port, host: '127.0.0.1', allowHalfOpen: true });
    client.on('error', () => undefined);
    client.resume();
    client.write(words);
    await gone;
    client.destroy();
  });

  it('with a body are refused', async () => {
    const place = await open();
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(place.port, '127.0.0.1');
      let text = '';
      socket.on('data', (data) => {
        text += data.toString();
      });
      socket.on('close', () => resolve(text));
      socket.write(
        'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 1\r\n\r\n1',
      );
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });
});
