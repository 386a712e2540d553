import { decodeDigestBlock, MAX_SIGNALING_BYTES, PROTOCOL_VERSION } from '@eddy/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { SegmentDigests } from '../digests/segment-digests.js';
import { DEFAULT_SWARM_CONFIG, DEFAULT_SWARM_LIMITS } from './config.js';
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
