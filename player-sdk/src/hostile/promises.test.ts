import { CHUNK_BYTES, chunkRange, type Refusal } from '@eddy/protocol';
import { describe, expect, it } from 'vitest';
import type { HeldSegment } from '../swarm/swarm.js';
import { Attacked } from '../testing/attacked.js';
import { testSegment } from '../testing/media.js';
import { type Rogue, SwarmFixture } from '../testing/swarm-fixture.js';

const BYTES = 5 * CHUNK_BYTES + 1234;
const films = await Promise.all(Array.from({ length: 20 }, (_, index) => testSegment(index + 1, BYTES)));
const [film] = films as [HeldSegment];

async function meet(): Promise<{ world: SwarmFixture; ann: Attacked; mallory: Rogue }> {
  const world = new SwarmFixture();
  const player = world.player('ann');
  const mallory = world.rogue('mallory');
  await mallory.greet(player);
  return { world, ann: new Attacked(world, player), mallory };
}

const requests = ({ heard }: Rogue): number => heard.filter(({ type }) => type === 'request').length;

function refuse(rogue: Rogue, reason: Refusal): void {
  rogue.onFrame = (frame) => {
    if (frame.type === 'request') rogue.say({ type: 'refuse', id: frame.id, reason });
  };
}

/** Answers with right bytes, a chunk each so many milliseconds. */
function drip(world: SwarmFixture, rogue: Rogue, segments: readonly HeldSegment[], everyMs: number): void {
  let freeAt = 0;
  rogue.onFrame = (frame) => {
    if (frame.type !== 'request') return;
    const { id, first, count, root } = frame;
    const segment = segments.find(({ digest }) => Buffer.compare(digest.root, root) === 0);
    if (segment === undefined) return;
    if (frame.leaves) rogue.say({ type: 'leaves', id, leaves: segment.leaves });
    for (let index = first; index < first + count; index++) {
      const { start, end } = chunkRange(index, BYTES);
      freeAt = Math.max(freeAt, world.time.clock.now()) + everyMs;
      world.time.timers.after(freeAt - world.time.clock.now(), () =>
        rogue.say({ type: 'chunk', id, index, payload: segment.bytes.slice(start, end) }),
      );
    }
  };
}

describe('have-lies', () => {
  it('without an answer are believed three times, then never again', async () => {
    const { world, ann, mallory } = await meet();
    for (const [index, segment] of films.slice(0, 8).entries()) {
      mallory.announce(segment);
      await world.time.advance(50);
      const got = await ann.get(segment);
      expect(got).toMatchObject({ right: true, edgeBytes: BYTES });
      // A second of waiting for nothing, well before the playhead.
      expect(got.tookMs).toBeLessThan(index < 3 ? 2_000 : 500);
    }
    expect(requests(mallory)).toBe(3);
    expect(ann.player.ends).toEqual([{ peer: 'mallory', end: expect.objectContaining({ kind: 'silent' }) }]);
    expect(ann.player.room.sent.at(-1)).toEqual({ type: 'peer-failed', peer: 'mallory', reason: 'lost' });
    // She is there, and plays: refused here, she would go to the edge.
    expect(mallory.closed).toBe(false);
  });

  it.each<[Refusal]>([['not-held'], ['busy'], ['limit']])(
    'that end in %s are believed sixteen times, then never again',
    async (reason) => {
      const { world, ann, mallory } = await meet();
      refuse(mallory, reason);
      for (const segment of films) {
        mallory.announce(segment);
        await world.time.advance(50);
        const got = await ann.get(segment, { withinMs: 3_000 });
        expect(got).toMatchObject({ right: true, edgeBytes: BYTES });
        expect(got.tookMs).toBeLessThan(3_000);
      }
      expect(requests(mallory)).toBe(16);
      expect(ann.player.mesh.peers()).toEqual([]);
    },
  );

  it('about chunks that the segment does not have keep nobody waiting', async () => {
    const { world, ann, mallory } = await meet();
    mallory.say({ type: 'parts', ...film.name, runs: [{ first: 900, count: 100 }] });
    await world.time.advance(50);
    const got = await ann.get(film, { withinMs: 30_000 });
    expect(got).toMatchObject({ right: true, edgeBytes: BYTES });
    expect(got.tookMs).toBeLessThan(1_000);
  });

  it('about a segment of which one chunk is true, and no other follows, cost four seconds of a long buffer', async () => {
    const { world, ann, mallory } = await meet();
    mallory.serve(film);
    mallory.say({ type: 'parts', ...film.name, runs: [{ first: 2, count: 1 }] });
    await world.time.advance(50);
    const got = await ann.get(film, { withinMs: 30_000 });
    expect(got).toMatchObject({ right: true, peerBytes: { mallory: CHUNK_BYTES } });
    expect(got.tookMs).toBeLessThan(5_000);
  });

  it('as claims without end delay nothing beyond what the buffer allows', async () => {
    const { world, ann, mallory } = await meet();
    for (const segment of films.slice(0, 6)) {
      mallory.say({ type: 'claim', ...segment.name });
      await world.time.advance(50);
      const got = await ann.get(segment, { withinMs: 6_000 });
      expect(got.right).toBe(true);
      expect(got.tookMs).toBeLessThan(6_000);
      await world.time.advance(8_000);
    }
    mallory.say({ type: 'claim', rendition: 7, sequence: 7 });
    await world.time.advance(50);
    expect(ann.player.mesh.peers()[0]?.claimedAt({ rendition: 7, sequence: 7 })).toBeUndefined();
  });
});

describe('slow-drip', () => {
  it.each([900, 1_900, 4_900])(
    'a chunk each %i ms: the rest comes from the edge in time',
    async (everyMs) => {
      const { world, ann, mallory } = await meet();
      drip(world, mallory, films, everyMs);
      mallory.announce(...films);
      await world.time.advance(50);
      for (const segment of films.slice(0, 5)) {
        const got = await ann.get(segment);
        expect(got.right).toBe(true);
        expect(got.tookMs).toBeLessThan(6_000);
      }
    },
  );

  it('is waited for eight times: then nothing is asked of it any more, and it is served on', async () => {
    const { world, ann, mallory } = await meet();
    drip(world, mallory, films, 1_900);
    mallory.announce(...films);
    await world.time.advance(50);
    for (const segment of films.slice(0, 12)) {
      expect((await ann.get(segment)).right).toBe(true);
      await world.time.advance(2_000);
    }
    expect(requests(mallory)).toBe(8);
    expect(ann.player.mesh.peers()).toEqual([]);
    expect(mallory.closed).toBe(false);
  });

  it('beside somebody honest: the rest comes from them', async () => {
    const { world, ann, mallory } = await meet();
    drip(world, mallory, films, 1_900);
    mallory.announce(...films);
    const ben = world.player('ben', {}, { uploadBytesPerSecond: 1_250_000 });
    for (const segment of films) ben.mesh.hold(segment);
    await world.connect(ann.player, ben);
    await world.time.advance(100);
    let edgeBytes = 0;
    for (const segment of films) {
      const got = await ann.get(segment);
      expect(got.right).toBe(true);
      expect(got.tookMs).toBeLessThan(6_000);
      edgeBytes += got.edgeBytes;
    }
    expect(edgeBytes).toBe(0);
  });
});

describe('a peer that leaves in mid-chunk', () => {
  it('costs what it had not sent', async () => {
    const world = new SwarmFixture();
    const ann = new Attacked(world, world.player('ann'));
    const ben = world.player('ben', {}, { uploadBytesPerSecond: 500_000 });
    ben.mesh.hold(film);
    await world.connect(ann.player, ben);
    await world.time.advanceUntil(() => ann.player.mesh.peers()[0]?.has(film.name) === true);
    const got = ann.get(film);
    // Two chunks and a half.
    await world.time.advance(330);
    ben.transport.cut();
    expect(await got).toMatchObject({ right: true, peerBytes: { ben: 2 * CHUNK_BYTES } });
    expect(ann.keepsRight(film)).toBe(true);
    expect(ann.player.room.sent.at(-1)).toEqual({ type: 'peer-failed', peer: 'ben', reason: 'lost' });
  });
});

describe('50% of peers uncooperative', () => {
  it('costs the edge nothing where the other half has it, and the player no time', async () => {
    const { world, ann, mallory } = await meet();
    const [dripping, refusing] = [world.rogue('dripping'), world.rogue('refusing')];
    for (const rogue of [dripping, refusing]) await rogue.greet(ann.player);
    drip(world, dripping, films, 1_900);
    refuse(refusing, 'busy');
    for (const name of ['ben', 'cat', 'dan']) {
      const player = world.player(name, {}, { uploadBytesPerSecond: 625_000 });
      for (const segment of films) player.mesh.hold(segment);
      await world.connect(ann.player, player);
    }
    for (const rogue of [mallory, dripping, refusing]) rogue.announce(...films);
    await world.time.advance(100);
    for (const segment of films) {
      mallory.announce(segment);
      const got = await ann.get(segment);
      expect(got).toMatchObject({ right: true, edgeBytes: 0 });
      expect(got.tookMs).toBeLessThan(3_500);
      await world.time.advance(500);
    }
    expect(requests(mallory)).toBeLessThanOrEqual(3);
  });
});
