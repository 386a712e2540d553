import { CHUNK_BYTES, type PeerFrame } from '@eddy/protocol';
import { describe, expect, it } from 'vitest';
import type { HeldSegment } from '../swarm/swarm.js';
import { Attacked } from '../testing/attacked.js';
import { testSegment } from '../testing/media.js';
import { type Rogue, SwarmFixture, type TestPlayer } from '../testing/swarm-fixture.js';

const BYTES = 6 * CHUNK_BYTES;
const film = await testSegment(1, BYTES);

/** Ann, who holds the film and uploads 10 Mbit/s, and Mallory. */
async function meet(): Promise<{ world: SwarmFixture; ann: TestPlayer; mallory: Rogue }> {
  const world = new SwarmFixture();
  const ann = world.player('ann', {}, { uploadBytesPerSecond: 1_250_000 });
  const mallory = world.rogue('mallory');
  ann.mesh.hold(film);
  await mallory.greet(ann);
  return { world, ann, mallory };
}

function request(id: number, { digest, leaves }: HeldSegment = film): PeerFrame {
  return { type: 'request', id, root: digest.root, first: 0, count: leaves.length, leaves: true };
}

const refusals = ({ heard }: Rogue): string[] =>
  heard.flatMap((frame) => (frame.type === 'refuse' ? [frame.reason] : []));

describe('never-ending requests', () => {
  it('for the same segment have three copies, and no more', async () => {
    const { world, ann, mallory } = await meet();
    for (let id = 1; id <= 100; id++) {
      mallory.say(request(id));
      await world.time.advance(600);
    }
    expect(ann.mesh.uploadedBytes).toBe(3 * BYTES);
    expect(new Set(refusals(mallory))).toEqual(new Set(['limit']));
    expect(ann.ends).toEqual([]);
  });

  it('chunk by chunk are counted together', async () => {
    const { world, ann, mallory } = await meet();
    for (let id = 1; id <= 100; id++) {
      const { root } = film.digest;
      mallory.say({ type: 'request', id, root, first: id % 6, count: 1, leaves: false });
      await world.time.advance(100);
    }
    expect(ann.mesh.uploadedBytes).toBe(3 * BYTES);
  });

  it('that are withdrawn cost their sender only what was sent', async () => {
    const { world, ann, mallory } = await meet();
    for (let id = 1; id <= 50; id++) mallory.say(request(id), { type: 'cancel', id });
    await world.time.advance(5_000);
    expect(ann.mesh.uploadedBytes).toBeLessThanOrEqual(3 * BYTES);
    mallory.say(request(51, await heldBy(ann, 2)));
    await world.time.advance(1_000);
    expect(mallory.heard.filter((frame) => frame.type === 'chunk' && frame.id === 51)).toHaveLength(6);
  });

  it('do not keep an honest viewer waiting', async () => {
    const { world, ann, mallory } = await meet();
    const player = world.player('ben');
    await world.connect(ann, player);
    const ben = new Attacked(world, player);
    await world.time.advanceUntil(() => player.mesh.peers()[0]?.has(film.name) === true);
    let id = 0;
    mallory.onFrame = (frame) => {
      if (frame.type === 'chunk' && id < 90) mallory.say(request(++id));
    };
    for (let copies = 0; copies < 8; copies++) mallory.say(request(++id));
    const got = await ben.get(film);
    expect(got).toMatchObject({ right: true, peerBytes: { ann: BYTES } });
    // Alone it would take 0.3 s.
    expect(got.tookMs).toBeLessThan(2_000);
  });
});

describe('request floods', () => {
  it('of all at once: eight wait, the others are refused', async () => {
    const { world, mallory, ann } = await meet();
    const more = await Promise.all(Array.from({ length: 20 }, (_, index) => heldBy(ann, index + 2)));
    for (const [index, segment] of more.entries()) mallory.say(request(index + 1, segment));
    // They wait behind what is in the channel already.
    await world.time.advance(500);
    expect(refusals(mallory)).toHaveLength(12);
    await world.time.advance(5_000);
    expect(ann.mesh.uploadedBytes).toBe(8 * BYTES);
  });

  it('at a pace that an honest viewer never has: the link ends', async () => {
    const { world, ann, mallory } = await meet();
    for (let second = 0; second < 30 && ann.ends.length === 0; second++) {
      for (let index = 0; index < 300; index++) mallory.say({ type: 'cancel', id: index });
      await world.time.advance(1_000);
    }
    expect(ann.ends[0]?.end).toMatchObject({ kind: 'breach', reason: expect.stringContaining('flood') });
  });
});

async function heldBy({ mesh }: TestPlayer, sequence: number): Promise<HeldSegment> {
  const segment = await testSegment(sequence, BYTES);
  mesh.hold(segment);
  return segment;
}
