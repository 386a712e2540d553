import { CHUNK_BYTES } from '@eddy/protocol';
import { describe, expect, it } from 'vitest';
import type { HeldSegment } from '../swarm/swarm.js';
import { Attacked } from '../testing/attacked.js';
import { testSegment } from '../testing/media.js';
import { Answer, type Rogue, requestFor, SwarmFixture, type Tampering } from '../testing/swarm-fixture.js';

const BYTES = 5 * CHUNK_BYTES + 1234;
const film = await testSegment(1, BYTES);
const other = await testSegment(2, BYTES);

/** Ann, who has met Mallory, and Mallory holds the film as she says. */
async function meet(): Promise<{ world: SwarmFixture; ann: Attacked; mallory: Rogue }> {
  const world = new SwarmFixture();
  const player = world.player('ann');
  const mallory = world.rogue('mallory');
  await mallory.greet(player);
  mallory.announce(film);
  await world.time.advanceUntil(() => player.mesh.peers()[0]?.has(film.name) === true);
  return { world, ann: new Attacked(world, player), mallory };
}

/** As much as the bench's hostile viewer changes. */
function spoil(chunk: Uint8Array): Uint8Array {
  const spoilt = chunk.slice();
  const begin = Math.floor((chunk.length - 23) / 2);
  for (let at = begin; at < begin + 23; at++) spoilt[at] = (spoilt[at] ?? 0) ^ 0x5a;
  return spoilt;
}

const chunkOf = ({ bytes }: HeldSegment, index: number): Uint8Array =>
  bytes.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);

async function expectHarmless(tampering: Tampering): Promise<void> {
  const { world, ann, mallory } = await meet();
  mallory.serve(film, tampering);
  const got = await ann.get(film);
  expect(got.right).toBe(true);
  // What she sent right before is hers.
  expect(got.edgeBytes).toBeGreaterThan(BYTES / 2);
  expect(got.tookMs).toBeLessThan(6_000);
  expect(ann.blamed).toEqual(['mallory']);
  expect(ann.keepsRight(film)).not.toBe(false);
  expect(ann.player.room.sent).toContainEqual({ type: 'peer-failed', peer: 'mallory', reason: 'misbehaved' });
  // She has lost all say: nothing is asked of her, whatever she announces and claims.
  const asked = mallory.heard.length;
  mallory.announce(other);
  mallory.say({ type: 'claim', ...other.name });
  await world.time.advance(100);
  expect(ann.player.mesh.peers()).toEqual([]);
  expect(await ann.get(other)).toMatchObject({ right: true, edgeBytes: BYTES });
  expect(mallory.heard.slice(asked).filter(({ type }) => type === 'request')).toEqual([]);
  ann.player.room.sent.length = 0;
  world.edge.introduce('ann', 'mallory');
  await world.time.advance(1_000);
  expect(ann.player.room.sent).toEqual([]);
}

describe('wrong bytes', () => {
  it.each<[string, Tampering]>([
    ['23 bytes in the middle of each chunk', { chunk: (_, right) => spoil(right) }],
    ['one bit of the last chunk', { chunk: (index, right) => (index === 5 ? flip(right) : right) }],
    ['zeros', { chunk: (_, right) => new Uint8Array(right.length) }],
    ['another order', { chunk: (index, right) => (index < 5 ? chunkOf(film, 4 - index) : right) }],
    ['leaves that are those of nothing', { leaves: film.leaves.map(() => new Uint8Array(32)) }],
    ['leaves in another order', { leaves: [...film.leaves].reverse() }],
  ])('%s: not played, not kept, and not asked of her again', async (_, tampering) => {
    await expectHarmless(tampering);
  });

  it('are blamed once, however many segments they came for at the same time', async () => {
    const { world, ann, mallory } = await meet();
    const segments = [film, other];
    mallory.announce(other);
    await world.time.advance(50);
    mallory.onFrame = (frame) => {
      if (frame.type !== 'request') return;
      const { id, first, count } = frame;
      const asked = segments.find(({ digest }) => Buffer.compare(digest.root, frame.root) === 0);
      if (frame.leaves && asked !== undefined) mallory.say({ type: 'leaves', id, leaves: asked.leaves });
      for (let index = first; index < first + count; index++)
        mallory.say({ type: 'chunk', id, index, payload: new Uint8Array(index < 5 ? CHUNK_BYTES : 1234) });
    };
    // Fake time is one for both, so one wait moves the other on.
    const [one, two] = await Promise.all(segments.map((segment) => ann.get(segment)));
    expect([one?.right, two?.right]).toEqual([true, true]);
    expect(ann.blamed).toEqual(['mallory']);
  });

  it('cost the edge nothing where somebody honest is there', async () => {
    const { world, ann, mallory } = await meet();
    mallory.serve(film, { chunk: (_, right) => spoil(right) });
    const ben = world.player('ben');
    ben.mesh.hold(film);
    await world.connect(ann.player, ben);
    const hasIt = () => ann.player.mesh.peers().filter((peer) => peer.has(film.name)).length;
    await world.time.advanceUntil(() => hasIt() === 2);
    expect(await ann.get(film)).toMatchObject({ right: true, edgeBytes: 0, peerBytes: { ben: BYTES } });
    expect(ann.blamed).toEqual(['mallory']);
    expect(ann.keepsRight(film)).toBe(true);
  });

  it('cost their sender no service: what she were refused, the site would pay for', async () => {
    const { world, ann, mallory } = await meet();
    mallory.serve(film, { chunk: (_, right) => spoil(right) });
    await ann.get(film);
    ann.player.mesh.hold(other);
    mallory.say({ type: 'request', id: 1, root: other.digest.root, first: 0, count: 6, leaves: true });
    await world.time.advance(100);
    expect(mallory.heard.filter(({ type }) => type === 'chunk')).toHaveLength(6);
    expect(mallory.closed).toBe(false);
  });

  it('leave the place of their sender to the next whom the edge names', async () => {
    const { world, ann, mallory } = await meet();
    mallory.serve(film, { chunk: (_, right) => spoil(right) });
    await ann.get(film);
    ann.player.room.tell((events) => events.onConfig?.({ mode: 'on', maxPeers: 1, uploadBytesPerSecond: 0 }));
    const ben = world.player('ben');
    await world.connect(ann.player, ben);
    expect(ann.player.mesh.peers().map(({ id }) => id)).toEqual(['ben']);
    await world.time.advance(500);
    expect(mallory.closed).toBe(true);
  });
});

describe('right bytes for another segment', () => {
  it.each<[string, Tampering]>([
    ['with leaves of their own', { leaves: other.leaves, chunk: (index) => chunkOf(other, index) }],
    ['under the right leaves', { chunk: (index) => chunkOf(other, index) }],
    ['in one chunk only', { chunk: (index, right) => (index === 3 ? chunkOf(other, 3) : right) }],
  ])('%s: not played, not kept, and not asked of her again', async (_, tampering) => {
    await expectHarmless(tampering);
  });

  it('are not given by a player who holds another one under the same name', async () => {
    const world = new SwarmFixture();
    const [ann, ben] = [world.player('ann'), world.player('ben')];
    ben.mesh.hold({ ...other, name: film.name });
    await world.connect(ann, ben);
    const answer = new Answer();
    ann.mesh.ask('ben', requestFor(film), answer);
    await world.time.advanceUntil(() => answer.ends.length > 0);
    expect(answer.ends).toEqual(['refused: not-held']);
  });
});

function flip(chunk: Uint8Array): Uint8Array {
  const flipped = chunk.slice();
  flipped[7] = (flipped[7] ?? 0) ^ 1;
  return flipped;
}
