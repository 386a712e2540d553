import { CHUNK_BYTES } from '@eddy/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeTime } from '../testing/fake-time.js';
import type { EdgeFailure } from './edge-source.js';
import {
  FakeDigests,
  FakeEdge,
  type FakeEdgeOptions,
  FakePeer,
  FakeSwarm,
  footage,
  type Manner,
  sha256,
} from './fakes.js';
import { LinkEstimate } from './link-estimate.js';
import type { Acquired, Need } from './segment.js';
import { Sharing } from './sharing.js';
import { Transfer } from './transfer.js';

const CHUNKS = 10;
const BYTES = CHUNKS * CHUNK_BYTES - 1_000;
const film = await footage(BYTES);
const otherCut = await footage(BYTES, 2);
const NAME = { rendition: 7, sequence: 1 };
const LOCATION = { path: '/film/1.m4s', sequence: 1, playlistPath: '/film/index.m3u8', live: false };

interface Setting {
  readonly peers?: FakePeer[];
  readonly edge?: FakeEdgeOptions;
  /** What the edge serves. */
  readonly served?: Uint8Array;
  readonly need?: Need;
  readonly known?: boolean;
  readonly expectingUntil?: number;
}

function setUp({
  peers = [],
  edge: edgeOptions,
  served,
  need,
  known = true,
  expectingUntil = 0,
}: Setting = {}) {
  const time = fakeTime();
  const { clock, timers } = time;
  const swarm = new FakeSwarm(timers, film, peers);
  const digests = new FakeDigests();
  if (known) digests.known = film.digest;
  const edge = new FakeEdge(time, served ?? film.bytes, edgeOptions);
  const spent = { edge: 0, peers: 0, wasted: 0 };
  const link = new LinkEstimate();
  link.edge({ startedAt: 0, firstAt: 20, endedAt: 1020, loadedBytes: 2e6 });
  const sharing = new Sharing({ timers, swarm, digests, sha256 });
  const outcome: { acquired?: Acquired; failure?: EdgeFailure; at?: number } = {};
  const transfer = new Transfer(
    {
      clock,
      timers,
      swarm,
      digests,
      sha256,
      sharing,
      link,
      ledger: {
        edge: (bytes) => {
          spent.edge += bytes;
        },
        peers: (bytes) => {
          spent.peers += bytes;
        },
        wasted: (bytes) => {
          spent.wasted += bytes;
        },
        hashFailed: (bytes) => {
          spent.wasted += bytes;
        },
      },
      expectingUntil: () => expectingUntil,
      uploads: () => true,
    },
    {
      segment: { name: NAME, location: LOCATION },
      edge,
      expectedBytes: BYTES,
      durationMs: 6_000,
      need: () => need ?? { deadline: 6_000, startUp: false },
    },
    {
      onDone: (acquired) => Object.assign(outcome, { acquired, at: clock.now() }),
      onFailed: (failure) => Object.assign(outcome, { failure, at: clock.now() }),
    },
  );
  return { time, swarm, digests, edge, spent, transfer, outcome, sharing };
}

/** `toEqual` takes seconds for a segment. */
const isSame = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && Buffer.compare(a, b) === 0;

const over = ({ outcome }: ReturnType<typeof setUp>) => outcome.at !== undefined;

async function run(world: ReturnType<typeof setUp>): Promise<void> {
  world.transfer.start();
  await world.time.advanceUntil(() => over(world));
  await world.time.advance(0);
}

describe('a segment that peers hold', () => {
  it('comes from them, verified, and is held for others', async () => {
    const world = setUp({ peers: [new FakePeer({ id: 'a' }), new FakePeer({ id: 'b' })] });
    await run(world);
    expect(isSame(world.outcome.acquired?.bytes, film.bytes)).toBe(true);
    expect(world.outcome.acquired?.edgeBytes).toBe(0);
    expect([...(world.outcome.acquired?.peerBytes.keys() ?? [])].sort()).toEqual(['a', 'b']);
    expect(world.edge.asked).toEqual([]);
    expect(world.spent).toEqual({ edge: 0, peers: BYTES, wasted: 0 });
    expect(world.swarm.holding.map(({ bytes }) => isSame(bytes, film.bytes))).toEqual([true]);
    expect(world.time.pending).toBe(0);
  });

  it.each([
    ['nothing is known of it', undefined],
    ['it is known to be another', { ...film.digest, root: new Uint8Array(32) }],
  ])('is played but not held when it was purged on its way and %s', async (_, known) => {
    const world = setUp({ peers: [new FakePeer({ id: 'a' })] });
    world.transfer.start();
    await world.time.advanceUntil(() => world.swarm.asked.length > 0);
    world.digests.known = known;
    await world.time.advanceUntil(() => over(world));
    await world.time.advance(20_000);
    expect(isSame(world.outcome.acquired?.bytes, film.bytes)).toBe(true);
    expect(world.swarm.holding).toEqual([]);
  });

  it.each<[string, Manner, boolean]>([
    ['wrong bytes', { kind: 'wrong-bytes' }, true],
    ['wrong leaves', { kind: 'wrong-leaves' }, true],
    ['nothing', { kind: 'silent' }, false],
    ['refusals', { kind: 'refuses', reason: 'busy' }, false],
    ['"not held"', { kind: 'refuses', reason: 'not-held' }, false],
    ['half an answer', { kind: 'breaks-off', afterChunks: 2 }, false],
  ])('comes in time and whole although a peer sends %s', async (_name, manner, blamed) => {
    for (const measured of [undefined, 50e6]) {
      const world = setUp({
        peers: [new FakePeer({ id: 'bad', manner, ...(measured === undefined ? {} : { measured }) })],
        need: { deadline: 2_500, startUp: false },
      });
      await run(world);
      expect(isSame(world.outcome.acquired?.bytes, film.bytes)).toBe(true);
      expect(world.outcome.at).toBeLessThanOrEqual(2_500);
      expect(world.swarm.blamed).toEqual(blamed ? ['bad'] : []);
      expect(world.swarm.holding.map(({ bytes }) => isSame(bytes, film.bytes))).toEqual([true]);
    }
  });

  it('keeps the honest part when one of two lies', async () => {
    const liar = new FakePeer({ id: 'liar', manner: { kind: 'wrong-bytes' } });
    const world = setUp({ peers: [liar, new FakePeer({ id: 'honest' })] });
    await run(world);
    expect(isSame(world.outcome.acquired?.bytes, film.bytes)).toBe(true);
    expect(world.outcome.acquired?.peerBytes).toEqual(new Map([['honest', BYTES]]));
    expect(world.swarm.blamed).toEqual(['liar']);
    expect(world.spent.wasted).toBeGreaterThan(0);
    expect(world.edge.asked).toEqual([]);
  });

  it('is completed by the edge with ranges when peers are too slow', async () => {
    const world = setUp({
      peers: [new FakePeer({ id: 'slow', bytesPerSecond: 200_000, measured: 200_000 })],
      need: { deadline: 2_500, startUp: false },
    });
    await run(world);
    expect(isSame(world.outcome.acquired?.bytes, film.bytes)).toBe(true);
    expect(world.outcome.at).toBeLessThanOrEqual(2_500);
    expect(world.edge.asked[0]?.range).toBeDefined();
    expect(world.outcome.acquired?.edgeBytes).toBeGreaterThan(0);
    expect(world.spent.edge + world.spent.peers).toBe(BYTES);
  });

  it('is replaced by the edge when it serves another cut by now: never half of each', async () => {
    const world = setUp({
      peers: [new FakePeer({ id: 'slow', bytesPerSecond: 200_000, measured: 200_000 })],
      need: { deadline: 2_500, startUp: false },
      served: otherCut.bytes,
    });
    await run(world);
    expect(isSame(world.outcome.acquired?.bytes, otherCut.bytes)).toBe(true);
    expect(world.digests.forgotten).toBe(1);
    expect(world.swarm.holding).toEqual([]);
    expect(world.swarm.blamed).toEqual([]);
  });

  it('is taken whole from an edge that ignores ranges', async () => {
    const world = setUp({
      peers: [new FakePeer({ id: 'slow', bytesPerSecond: 60_000, measured: 60_000 })],
      need: { deadline: 2_500, startUp: false },
      edge: { ignoresRanges: true },
    });
    await run(world);
    expect(world.outcome.acquired).toMatchObject({ edgeBytes: BYTES, peerBytes: new Map() });
    expect(isSame(world.outcome.acquired?.bytes, film.bytes)).toBe(true);
  });

  it('plays on from peers while the edge is down', async () => {
    const failure: EdgeFailure = { kind: 'error', code: 503, text: 'Service Unavailable' };
    const world = setUp({
      peers: [new FakePeer({ id: 'slow', bytesPerSecond: 200_000, measured: 200_000 })],
      need: { deadline: 2_000, startUp: false },
      edge: { failure, bytesPerSecond: 100e6 },
    });
    await run(world);
    expect(isSame(world.outcome.acquired?.bytes, film.bytes)).toBe(true);
    expect(world.outcome.acquired?.edgeBytes).toBe(0);
  });
});

describe('a segment that nobody has', () => {
  it('is fetched whole, claimed, played at once, and held when its digest comes', async () => {
    const world = setUp({ known: false, need: { deadline: 0, startUp: true } });
    await run(world);
    expect(world.outcome.acquired).toMatchObject({ edgeBytes: BYTES });
    expect(world.edge.asked).toEqual([{ range: undefined, at: 0 }]);
    expect(world.swarm.claims).toEqual([NAME]);
    expect(world.swarm.holding).toEqual([]);
    world.digests.arrive(film.digest);
    await world.time.advance(0);
    expect(world.swarm.holding).toHaveLength(1);
  });

  it('is played but not shared when the digest says otherwise', async () => {
    const world = setUp({ served: otherCut.bytes, need: { deadline: 0, startUp: true } });
    await run(world);
    expect(isSame(world.outcome.acquired?.bytes, otherCut.bytes)).toBe(true);
    expect(world.swarm.holding).toEqual([]);
    expect(world.digests.forgotten).toBe(1);
  });

  it('comes from the one that claimed it', async () => {
    const fetcher = new FakePeer({ id: 'fetcher', has: false });
    fetcher.claimed = 0;
    const world = setUp({ known: false, peers: [fetcher] });
    world.transfer.start();
    await world.time.advance(700);
    expect(world.edge.asked).toEqual([]);
    fetcher.holds = true;
    world.digests.arrive(film.digest);
    world.swarm.change();
    await world.time.advanceUntil(() => over(world));
    expect(world.outcome.acquired?.peerBytes).toEqual(new Map([['fetcher', BYTES]]));
  });

  it('is fetched in time when the claim comes to nothing', async () => {
    const fetcher = new FakePeer({ id: 'fetcher', has: false });
    fetcher.claimed = 0;
    const world = setUp({ known: false, peers: [fetcher], need: { deadline: 3_000, startUp: false } });
    await run(world);
    expect(world.outcome.acquired?.edgeBytes).toBe(BYTES);
    expect(world.outcome.at).toBeLessThanOrEqual(3_000);
  });

  it('fails with the code that the edge gave', async () => {
    const failure: EdgeFailure = { kind: 'error', code: 404, text: 'Not Found' };
    const world = setUp({ known: false, edge: { failure } });
    await run(world);
    expect(world.outcome.failure).toEqual(failure);
    expect(world.time.pending).toBe(0);
  });
});

it('leaves nothing behind when it is cancelled', async () => {
  const world = setUp({ peers: [new FakePeer({ id: 'a', bytesPerSecond: 200_000 })] });
  world.transfer.start();
  await world.time.advance(1_000);
  world.transfer.cancel();
  await world.time.advance(10_000);
  expect(world.outcome).toEqual({});
  expect(world.time.pending).toBe(0);
  expect(world.spent.wasted).toBeGreaterThan(0);
});

describe('whatever peers do', () => {
  const manner: fc.Arbitrary<Manner> = fc.oneof(
    fc.constantFrom<Manner>(
      { kind: 'honest' },
      { kind: 'wrong-bytes' },
      { kind: 'wrong-leaves' },
      { kind: 'silent' },
      { kind: 'refuses', reason: 'busy' },
      { kind: 'refuses', reason: 'not-held' },
    ),
    fc.record({ kind: fc.constant('breaks-off' as const), afterChunks: fc.nat({ max: 5 }) }),
  );
  const throughput = fc.oneof(
    fc.integer({ min: 20_000, max: 400_000 }),
    fc.integer({ min: 400_000, max: 20_000_000 }),
  );
  const peer = fc.record({
    manner,
    bytesPerSecond: throughput,
    measured: fc.option(throughput, { nil: undefined }),
    has: fc.boolean(),
    claimed: fc.option(fc.nat({ max: 50 }), { nil: undefined }),
  });

  it('the right bytes are there before the playhead, and every byte is accounted for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(peer, { maxLength: 5 }),
        fc.integer({ min: 2_000, max: 8_000 }),
        fc.boolean(),
        async (peers, deadline, known) => {
          const world = setUp({
            known,
            need: { deadline, startUp: false },
            peers: peers.map(({ claimed, measured, ...options }, index) => {
              const made = new FakePeer({
                id: `p${index}`,
                ...options,
                ...(measured === undefined ? {} : { measured }),
              });
              made.claimed = claimed;
              return made;
            }),
          });
          await run(world);
          expect(isSame(world.outcome.acquired?.bytes, film.bytes)).toBe(true);
          expect(world.outcome.at).toBeLessThanOrEqual(deadline);
          expect(world.spent.edge + world.spent.peers).toBe(BYTES);
          const liars = peers.flatMap(({ manner: { kind } }, index) =>
            kind.startsWith('wrong') ? [`p${index}`] : [],
          );
          for (const blamed of world.swarm.blamed) expect(liars).toContain(blamed);
          expect(world.swarm.holding.every(({ bytes }) => Buffer.compare(bytes, film.bytes) === 0)).toBe(
            true,
          );
        },
      ),
      { numRuns: 150, seed: 7 },
    );
  });
});
