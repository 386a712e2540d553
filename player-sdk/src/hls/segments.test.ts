import type { Fragment } from 'hls.js';
import { expect, it } from 'vitest';
import { ByteCounters } from '../beacon/counters.js';
import { fakeTime } from '../testing/fake-time.js';
import { FakeDigests, FakeEdge, FakeSwarm, footage, sha256 } from '../transfer/fakes.js';
import { LinkEstimate } from '../transfer/link-estimate.js';
import type { Acquired } from '../transfer/segment.js';
import { fragmentContext } from './fakes.js';
import type { HlsPlayer, PlayerListener } from './player.js';
import { Segments } from './segments.js';

const RENDITION_SEQUENCE = 1;

/** When the edge is asked for the segment that plays in 5 s, by a player that waits for others and buffers slowly. */
async function askedAfter(lagMs: number): Promise<number> {
  const time = fakeTime();
  const { bytes } = await footage(1_000);
  const edge = new FakeEdge(time, bytes);
  const listeners = new Map<string, PlayerListener>();
  const startedAt = time.clock.now();
  const segments = new Segments({
    ...{ ...time, sha256, link: new LinkEstimate(), ledger: new ByteCounters() },
    ...{ swarm: new FakeSwarm(time.timers, await footage(1_000)), digests: new FakeDigests() },
    player: {
      ...{ levels: [{ bitrate: 80_000 }], audioTracks: [], latestLevelDetails: { live: true } },
      media: { readyState: 4, currentTime: 0, playbackRate: 1 },
      get mainForwardBufferInfo() {
        return { len: 5 - (time.clock.now() - startedAt) / 1000 };
      },
      on: (event: string, listener: PlayerListener) => listeners.set(event, listener),
    } as unknown as HlsPlayer,
    sharing: { offer: () => {} },
    expectingUntil: () => 60_000,
    uploads: () => true,
    active: () => true,
    onReport: () => {},
  });
  const stats = { loading: { start: 0, first: 0, end: 0 }, buffering: { end: lagMs } };
  listeners.get('hlsFragBuffered')?.('hlsFragBuffered', { stats });
  const context = fragmentContext({ sn: 9, start: 900, duration: 1, level: 0 });
  segments.acquire({ context, edge, latest: 60_000 }, { onDone: () => {}, onFailed: () => {} });
  await time.advance(6_000);
  return (edge.asked[0]?.at ?? Number.NaN) - startedAt;
}

it('asks the edge that much earlier as the player takes to buffer what it has', async () => {
  const quick = await askedAfter(0);
  expect(quick).toBeGreaterThan(3_000);
  expect(await askedAfter(400)).toBeCloseTo(quick - 400, -1);
});

/** Asks for a fragment whose digest is that of a segment held as sequence 1 already. */
async function acquire(live: boolean, fragment: Partial<Fragment>): Promise<Acquired | undefined> {
  const time = fakeTime();
  const content = await footage(1_000);
  const digests = new FakeDigests();
  digests.known = content.digest;
  const swarm = new FakeSwarm(time.timers, content);
  swarm.hold({ name: { rendition: 0, sequence: RENDITION_SEQUENCE }, ...content });
  const segments = new Segments({
    ...{ ...time, swarm, digests, sha256, link: new LinkEstimate(), ledger: new ByteCounters() },
    // As much of a player as is asked.
    player: {
      levels: [],
      audioTracks: [],
      latestLevelDetails: { live },
      media: null,
      on: () => {},
    } as unknown as HlsPlayer,
    sharing: { offer: () => {} },
    expectingUntil: () => 0,
    uploads: () => true,
    active: () => true,
    onReport: () => {},
  });
  let acquired: Acquired | undefined;
  segments.acquire(
    { context: fragmentContext(fragment), edge: new FakeEdge(time, content.bytes), latest: 10_000 },
    {
      onDone: (done) => {
        acquired = done;
      },
      onFailed: () => {},
    },
  );
  await time.advance(2_000);
  return acquired;
}

it('gives a live name that is used again from memory only as the segment that it was held as', async () => {
  expect(await acquire(true, { sn: RENDITION_SEQUENCE })).toMatchObject({ memoryBytes: 1_000 });
  expect(await acquire(true, { sn: 9 })).toMatchObject({ memoryBytes: 0, edgeBytes: 1_000 });
});

it('gives what is held of a finished video from memory, whatever it is called there', async () => {
  expect(await acquire(false, { sn: 9 })).toMatchObject({ memoryBytes: 1_000 });
});
