import { CHUNK_BYTES, MAX_CHUNKS, type PeerFrame, PROTOCOL_VERSION } from '@eddy/protocol';
import { describe, expect, it } from 'vitest';
import { testSegment } from '../testing/media.js';
import { Answer, type Rogue, requestFor, SwarmFixture, type TestPlayer } from '../testing/swarm-fixture.js';

const film = await testSegment(1, 2 * CHUNK_BYTES + 1234);

async function meet(): Promise<{ world: SwarmFixture; ann: TestPlayer; mallory: Rogue }> {
  const world = new SwarmFixture();
  const ann = world.player('ann');
  const mallory = world.rogue('mallory');
  await mallory.greet(ann);
  return { world, ann, mallory };
}

async function expectEnded(world: SwarmFixture, ann: TestPlayer, code: string): Promise<void> {
  await world.time.advanceUntil(() => ann.ends.length > 0);
  expect(ann.ends[0]?.end).toMatchObject({ kind: 'breach', reason: expect.stringContaining(code) });
  expect(ann.mesh.peers()).toEqual([]);
  expect(ann.room.sent).toContainEqual({ type: 'peer-failed', peer: 'mallory', reason: 'misbehaved' });
}

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, 'hex'));
/** 1,024, the most that a segment has, as a varint. */
const MOST = '8008';

describe('declared sizes too large', () => {
  it.each([
    ['a request for more chunks than any segment has', `0501${'00'.repeat(32)}ff070201`],
    ['a request from beyond the largest segment', `0501${'00'.repeat(32)}800801`],
    ['more leaves than any segment has', '06018108'],
    ['a thousand leaves in a short frame', `0601${MOST}`],
    ['a chunk beyond the largest segment', '07018008'],
    ['more runs than a frame may have', '0200000001ff7f'],
    ['a run of 2^53 segments', '02000000010100ffffffffffffff0f'],
    ['parts beyond the largest segment', '0b000000010101ff0702'],
    // Each is allowed alone. Together one kilobyte would name a quarter of a million chunks.
    ['the same 1,024 parts 256 times', `0b00000001018002${`00${MOST}`.repeat(256)}`],
  ])('%s: the link ends before memory is given', async (_, hex) => {
    const { world, ann, mallory } = await meet();
    mallory.raw(bytesOf(hex));
    await expectEnded(world, ann, hex === `0601${MOST}` ? 'truncated' : 'too-large');
  });

  it('all parts of the largest segment, in as many runs as one likes, are what an honest peer may say', async () => {
    const { world, ann, mallory } = await meet();
    const runs = Array.from({ length: 256 }, (_, index) => ({ first: 4 * index, count: 4 }));
    mallory.say({ type: 'parts', rendition: 7, sequence: 1, runs });
    await world.time.advance(100);
    expect(ann.mesh.peers()[0]?.partsOf(film.name).size).toBe(MAX_CHUNKS);
  });

  it('a chunk that is longer than the edge says: the link ends', async () => {
    const { world, ann, mallory } = await meet();
    mallory.serve(film, { chunk: (_, right) => (right.length < CHUNK_BYTES ? new Uint8Array(2000) : right) });
    ann.mesh.ask('mallory', requestFor(film), new Answer());
    await expectEnded(world, ann, 'wrong-length');
  });
});

describe('frames too large', () => {
  it.each([70_000, 262_144])('%i bytes: not read, the link ends', async (bytes) => {
    const { world, ann, mallory } = await meet();
    mallory.raw(new Uint8Array(bytes));
    await expectEnded(world, ann, 'too-large');
  });
});

describe('endless frames', () => {
  const request = (id: number): PeerFrame => ({
    ...{ type: 'request', id, root: film.digest.root, first: 0, count: 1, leaves: true },
  });
  it.each<[PeerFrame['type'], (index: number) => PeerFrame]>([
    ['hello', () => ({ type: 'hello', version: PROTOCOL_VERSION, upload: true })],
    ['have', (index) => ({ type: 'have', rendition: index, runs: [{ first: index, count: 9 }] })],
    ['lost', (index) => ({ type: 'lost', rendition: index, runs: [{ first: index, count: 9 }] })],
    ['parts', (index) => ({ type: 'parts', rendition: 1, sequence: index, runs: [{ first: 0, count: 9 }] })],
    ['claim', (index) => ({ type: 'claim', rendition: 1, sequence: index })],
    ['request', (index) => request(index + 1)],
    ['cancel', (index) => ({ type: 'cancel', id: index })],
    ['leaves', () => ({ type: 'leaves', id: 1, leaves: film.leaves })],
    ['chunk', () => ({ type: 'chunk', id: 1, index: 0, payload: new Uint8Array(CHUNK_BYTES) })],
    ['refuse', () => ({ type: 'refuse', id: 1, reason: 'busy' })],
  ])('of type %s: the link ends', async (type, frame) => {
    const { world, ann, mallory } = await meet();
    ann.mesh.ask('mallory', requestFor(film), new Answer());
    await world.time.advance(50);
    const most = type === 'chunk' ? 20 : 1_100;
    for (let index = 0; index < most; index++) mallory.say(frame(index));
    await world.time.advanceUntil(() => ann.ends.length > 0);
    expect(ann.ends[0]?.end.kind).toBe('breach');
  });

  it('of an answer that nobody waits for any more are let through as far as it was asked for', async () => {
    const { world, ann, mallory } = await meet();
    const cancel = ann.mesh.ask('mallory', requestFor(film), new Answer());
    cancel();
    await world.time.advance(50);
    mallory.say({ type: 'leaves', id: 1, leaves: film.leaves });
    const chunk = (index: number): PeerFrame => ({
      ...{ type: 'chunk', id: 1, index, payload: new Uint8Array(index < 2 ? CHUNK_BYTES : 1234) },
    });
    mallory.say(chunk(0), chunk(1));
    await world.time.advance(50);
    expect(ann.ends).toEqual([]);
    mallory.say(chunk(1));
    await expectEnded(world, ann, 'repeated-chunk');
  });
});
