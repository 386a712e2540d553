import { afterEach, describe, expect, it } from 'vitest';
import { FREE_PASS, type Pass } from './pass.js';
import { closeAll, JOIN, open, refusals, Viewer } from './testing/swarm-fixture.js';

afterEach(closeAll);

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
