import { beforeEach, describe, expect, it } from 'vitest';
import { fragmentContext, HLS_CONFIG, loaderConfig, RecordingLoader } from './hls/fakes.js';
import type { EddySession } from './session.js';
import { PLAYLIST, World } from './testing/session-world.js';

let world: World;
let session: EddySession;

beforeEach(() => {
  world = new World();
  session = world.attach();
});

/** hls.js has read the multivariant playlist. */
function parse(uri: string): void {
  world.player.levels = [{ uri }];
  world.player.trigger('hlsManifestParsed');
}

/** hls.js has changed to a pathway. */
function change(uri: string): void {
  world.player.levels = [{ uri }];
  world.player.trigger('hlsLevelsUpdated');
}

function steeringRequest(): URL {
  const callbacks = { onSuccess: () => {}, onError: () => {}, onTimeout: () => {} };
  const url = 'https://edge.example/_eddy/steering?base=fra&_HLS_pathway=fra';
  new world.player.config.loader(HLS_CONFIG).load({ ...fragmentContext(), url }, loaderConfig(), callbacks);
  return new URL(RecordingLoader.made.at(-1)?.context?.url ?? '');
}

const MANIFEST = {
  'PATHWAY-PRIORITY': ['fra', 'nyc'],
  'PATHWAY-CLONES': [{ 'BASE-ID': 'fra', ID: 'nyc', 'URI-REPLACEMENT': { HOST: 'nyc.example' } }],
};

describe('a pathway that changes', () => {
  it('takes the session to its edge: room, digests and reports, under the same names', async () => {
    world.play(PLAYLIST);
    parse('https://edge.example/film/720.m3u8');
    world.welcome();
    expect(session.stats().state).toBe('alone');
    change('https://nyc.example/film/720.m3u8');
    expect(world.sockets[0]?.closed).toBe(true);
    await world.time.advance(1_000);
    expect(world.sockets.map(({ url }) => url)).toEqual([
      'wss://edge.example/_eddy/swarm',
      'wss://nyc.example/_eddy/swarm',
    ]);
    world.welcome();
    expect(session.stats().state).toBe('alone');
    const [first, second] = world.sockets.map(({ said }) => said[0]);
    expect(second).toEqual({ ...(first as object), awayMs: expect.any(Number) });
    expect(steeringRequest().host).toBe('nyc.example');
    change('https://edge.example/film/720.m3u8');
    await world.time.advance(1_000);
    expect(world.sockets.at(-1)?.url).toBe('wss://edge.example/_eddy/swarm');
  });

  it('moves nobody where it stays, where the edge is not where renditions are, and where it is not known', async () => {
    world.play(PLAYLIST);
    parse('https://edge.example/film/720.m3u8');
    world.welcome();
    change('https://edge.example/film/360.m3u8');
    change('no address');
    await world.time.advance(2_000);
    expect(world.sockets).toHaveLength(1);
    world = new World();
    world.attach({ edge: 'https://own.example' });
    world.play(PLAYLIST);
    parse('https://edge.example/film/720.m3u8');
    change('https://nyc.example/film/720.m3u8');
    await world.time.advance(2_000);
    expect(world.sockets.map(({ url }) => url)).toEqual(['wss://own.example/_eddy/swarm']);
    expect(steeringRequest().href).toBe('https://edge.example/_eddy/steering?base=fra&_HLS_pathway=fra');
  });

  it('keeps the token, and comes at once where the edge before is out of reach', async () => {
    world.play('https://edge.example/~x.y.z/film/master.m3u8');
    parse('https://edge.example/~x.y.z/film/720.m3u8');
    world.sockets[0]?.events.onClose('gone');
    change('https://nyc.example/~x.y.z/film/720.m3u8');
    await world.time.advance(1_000);
    expect(world.sockets.at(-1)?.url).toBe('wss://nyc.example/~x.y.z/_eddy/swarm');
    expect(steeringRequest().pathname).toBe('/~x.y.z/_eddy/steering');
  });
});

describe('an edge that is out of reach while others feed the player', () => {
  it('is left for the best of the others, and come back to once that is where media come from', async () => {
    world.play(PLAYLIST);
    parse('https://edge.example/film/720.m3u8');
    world.player.trigger('hlsSteeringManifestLoaded', { steeringManifest: MANIFEST });
    world.welcome();
    world.sockets.at(-1)?.events.onClose('gone');
    await world.time.advanceUntil(() => world.sockets.length === 2);
    world.sockets.at(-1)?.events.onClose('refused');
    await world.time.advanceUntil(() => world.sockets.length === 3);
    world.welcome();
    expect(world.sockets.at(-1)?.url).toBe('wss://nyc.example/_eddy/swarm');
    expect(steeringRequest().host).toBe('nyc.example');
    world.player.trigger('hlsSteeringManifestLoaded', {
      steeringManifest: { ...MANIFEST, 'PATHWAY-PRIORITY': ['nyc', 'fra'] },
    });
    await world.time.advance(2_000);
    expect(world.sockets).toHaveLength(3);
    world.player.trigger('hlsSteeringManifestLoaded', { steeringManifest: MANIFEST });
    await world.time.advance(2_000);
    expect(world.sockets.at(-1)?.url).toBe('wss://edge.example/_eddy/swarm');
  });
});

describe('an edge that is silent', () => {
  /** hls.js has a steering manifest, and is given another order. */
  function steer(): string[][] {
    const orders: string[][] = [];
    world.there.add('nyc.example');
    world.play(PLAYLIST);
    RecordingLoader.loading[0]?.succeed(new ArrayBuffer(9), { start: 1, first: 2, end: 3 });
    parse('https://edge.example/film/720.m3u8');
    world.player.trigger('hlsSteeringManifestLoaded', { steeringManifest: MANIFEST });
    Object.defineProperty(world.player, 'pathwayPriority', {
      get: () => ['fra', 'nyc'],
      set: (order: string[]) => {
        orders.push(order);
        if (orders.length === 1) change('https://nyc.example/film/720.m3u8');
      },
    });
    return orders;
  }

  it('is left for one that answers, and stays last when steering names it first', async () => {
    const orders = steer();
    const loads = world.loadFragment();
    await world.time.advance(2_500);
    expect(orders).toEqual([['nyc', 'fra']]);
    expect(loads?.destroyed).toBe(1);
    let told: unknown;
    const callbacks = {
      onSuccess: ({ data }: { data?: unknown }) => {
        told = data;
      },
      onError: () => {},
      onTimeout: () => {},
    };
    const url = 'https://nyc.example/_eddy/steering';
    new world.player.config.loader(HLS_CONFIG).load({ ...fragmentContext(), url }, loaderConfig(), callbacks);
    const loader = RecordingLoader.made.at(-1);
    const context = loader?.context;
    if (!loader || !context) throw new Error('nothing was asked');
    const answer = { url, code: 200, data: MANIFEST };
    loader.callbacks?.onSuccess(answer, loader.stats, context, null);
    expect(told).toEqual({ ...MANIFEST, 'PATHWAY-PRIORITY': ['nyc', 'fra'] });
  });

  it('is noticed by a media playlist too, unless the edge may hold that back', async () => {
    const orders = steer();
    world.player.trigger('hlsLevelLoading', { url: 'x', deliveryDirectives: { msn: 7 } });
    await world.time.advance(10_000);
    expect(orders).toEqual([]);
    world.player.trigger('hlsLevelLoading', { url: 'x', deliveryDirectives: null });
    world.player.trigger('hlsLevelLoaded');
    await world.time.advance(10_000);
    expect(orders).toEqual([]);
    world.player.trigger('hlsLevelLoading', { url: 'x', deliveryDirectives: null });
    await world.time.advance(2_500);
    expect(orders).toEqual([['nyc', 'fra']]);
  });

  it('is not doubted for a playlist of the pathway that was left', async () => {
    const orders = steer();
    world.player.trigger('hlsLevelLoading', { url: 'x', deliveryDirectives: null });
    change('https://nyc.example/film/720.m3u8');
    await world.time.advance(9_000);
    expect(orders).toEqual([]);
    expect(world.fetched.filter((url) => url.endsWith('/_eddy/ping'))).toEqual([]);
  });

  it('is stayed with by hls.js 1.5, which cannot be told', async () => {
    world.there.add('nyc.example');
    world.play(PLAYLIST);
    parse('https://edge.example/film/720.m3u8');
    world.player.trigger('hlsSteeringManifestLoaded', { steeringManifest: MANIFEST });
    world.player.trigger('hlsLevelLoading', { url: 'x' });
    await world.time.advance(9_000);
    expect(world.fetched.filter((url) => url.endsWith('/_eddy/ping'))).toEqual([]);
  });
});

describe('a request for steering', () => {
  it('tells whose it is and, once known, how far the pathways are', async () => {
    world.play(PLAYLIST);
    parse('https://edge.example/film/720.m3u8');
    world.player.trigger('hlsSteeringManifestLoaded', { steeringManifest: MANIFEST });
    const before = steeringRequest();
    expect(before.href).toMatch(
      /^https:\/\/edge\.example\/_eddy\/steering\?base=fra&_HLS_pathway=fra&CMCD=sid%3D%22[\w-]+%22%2Cv%3D2$/,
    );
    await world.time.advance(11_000);
    expect(world.fetched.filter((url) => url.endsWith('/_eddy/ping'))).toEqual([
      'https://edge.example/_eddy/ping',
      'https://nyc.example/_eddy/ping',
    ]);
  });

  it('tells nothing of anybody where nothing may be reported', async () => {
    world = new World();
    world.attach({ beacons: false });
    world.play(PLAYLIST);
    parse('https://edge.example/film/720.m3u8');
    world.player.trigger('hlsSteeringManifestLoaded', { steeringManifest: MANIFEST });
    await world.time.advance(11_000);
    expect(steeringRequest().search).toBe('?base=fra&_HLS_pathway=fra');
    expect(world.fetched.filter((url) => url.endsWith('/_eddy/ping'))).toEqual([]);
  });

  it('is the player’s own again once the session is over', () => {
    world.play(PLAYLIST);
    session.destroy();
    expect(world.player.config.loader).toBe(RecordingLoader);
  });
});
