import { type PeerFrame, PROTOCOL_VERSION } from '@eddy/protocol';
import { describe, expect, it } from 'vitest';
import { verifyChunk, verifyLeaves } from '../digests/verify.js';
import type { HeldSegment } from '../swarm/swarm.js';
import { nodeSha256, testSegment } from '../testing/media.js';
import { Answer, type Rogue, requestFor, SwarmFixture, type TestPlayer } from '../testing/swarm-fixture.js';

const LARGE = 5 * 65_536 + 1234;

async function couple(): Promise<{ world: SwarmFixture; ann: TestPlayer; ben: TestPlayer }> {
  const world = new SwarmFixture();
  const ann = world.player('ann');
  const ben = world.player('ben');
  await world.connect(ann, ben);
  return { world, ann, ben };
}

describe('a link between two players', () => {
  it('moves a whole segment with its leaves, verifiable against the digest', async () => {
    const { world, ann, ben } = await couple();
    const segment = await testSegment(1, LARGE);
    ann.mesh.hold(segment);
    await world.time.advanceUntil(() => ben.mesh.peers()[0]?.has(segment.name) === true);
    const answer = new Answer();
    ben.mesh.ask('ann', requestFor(segment), answer);
    expect(ben.mesh.peers()[0]?.pendingBytes).toBe(LARGE);
    await world.time.advanceUntil(() => answer.ends.length > 0);
    expect(answer.ends).toEqual(['done']);
    expect(answer.joined()).toEqual(segment.bytes);
    expect(await verifyLeaves(answer.leaves, segment.digest, nodeSha256)).toBe(true);
    for (const [index, chunk] of answer.chunks) {
      expect(await verifyChunk(index, chunk, answer.leaves, nodeSha256)).toBe(true);
    }
    expect(ben.mesh.peers()[0]).toMatchObject({ pendingBytes: 0, failures: 0 });
    expect(ben.mesh.peers()[0]?.bytesPerSecond).toBeGreaterThan(0);
    expect(ann.mesh.uploadedBytes).toBe(LARGE);
  });

  it('moves a part of a segment without leaves, and an empty one', async () => {
    const { world, ann, ben } = await couple();
    const segment = await testSegment(1, LARGE);
    const empty = await testSegment(2, 0);
    ann.mesh.hold(segment);
    ann.mesh.hold(empty);
    const part = new Answer();
    const nothing = new Answer();
    ben.mesh.ask('ann', requestFor(segment, { first: 3, count: 3, leaves: false }), part);
    ben.mesh.ask('ann', requestFor(empty), nothing);
    await world.time.advanceUntil(() => part.ends.length + nothing.ends.length === 2);
    expect([...part.chunks.keys()]).toEqual([3, 4, 5]);
    expect(part.leaves).toEqual([]);
    expect(part.joined()).toEqual(segment.bytes.subarray(3 * 65_536));
    expect(nothing.ends).toEqual(['done']);
    expect(nothing.joined()).toHaveLength(0);
  });

  it('tells of what it holds to whoever comes later, of claims, and of what it gave up', async () => {
    const world = new SwarmFixture();
    const ann = world.player('ann', { memoryBytes: 3000 });
    const [first, second, third, fourth] = [
      await testSegment(1, 1000),
      await testSegment(2, 1000),
      await testSegment(3, 1000),
      await testSegment(4, 1000),
    ];
    for (const segment of [first, second, third]) ann.mesh.hold(segment);
    const ben = world.player('ben');
    await world.connect(ann, ben);
    const seen = ben.mesh.peers()[0];
    await world.time.advanceUntil(() => seen?.has(third.name) === true);
    expect(seen?.has(first.name)).toBe(true);
    expect(seen?.has(fourth.name)).toBe(false);
    ann.mesh.hold(fourth);
    const asOf = world.time.clock.now();
    ann.mesh.claim({ rendition: 7, sequence: 5 });
    await world.time.advanceUntil(() => seen?.has(fourth.name) === true);
    expect(seen?.has(first.name)).toBe(false);
    expect(seen?.claimedAt({ rendition: 7, sequence: 5 })).toBeGreaterThanOrEqual(asOf);
    expect(seen?.claimedAt(fourth.name)).toBeUndefined();
  });

  it('cancels at once: the rest is not sent, and the request is never heard of again', async () => {
    const world = new SwarmFixture();
    const ann = world.player('ann', {}, { uploadBytesPerSecond: 1e6 });
    const ben = world.player('ben');
    await world.connect(ann, ben);
    const segment = await testSegment(1, 40 * 65_536);
    ann.mesh.hold(segment);
    const answer = new Answer();
    const cancel = ben.mesh.ask('ann', requestFor(segment), answer);
    await world.time.advanceUntil(() => answer.chunks.size === 2);
    cancel();
    cancel();
    await world.time.advance(10_000);
    expect(answer.chunks.size).toBe(2);
    expect(answer.ends).toEqual([]);
    expect(ben.mesh.peers()[0]?.pendingBytes).toBe(0);
    // Four more were in the channel already.
    expect(ann.mesh.uploadedBytes).toBeLessThan(9 * 65_536);
    const again = new Answer();
    ben.mesh.ask('ann', requestFor(segment, { count: 2 }), again);
    await world.time.advanceUntil(() => again.ends.length > 0);
    expect(again.ends).toEqual(['done']);
  });

  it('refuses what it does not hold, and what the segment does not have', async () => {
    const { world, ann, ben } = await couple();
    const segment = await testSegment(1, LARGE);
    const unknown = new Answer();
    ben.mesh.ask('ann', requestFor(segment), unknown);
    await world.time.advanceUntil(() => unknown.ends.length > 0);
    expect(unknown.ends).toEqual(['refused: not-held']);
    expect(ben.mesh.peers()[0]?.failures).toBe(1);
    ann.mesh.hold(segment);
    const beyond = new Answer();
    ben.mesh.ask('ann', requestFor(segment, { first: 6, count: 1 }), beyond);
    await world.time.advanceUntil(() => beyond.ends.length > 0);
    expect(beyond.ends).toEqual(['refused: limit']);
  });

  it('fails what was asked when the other side departs in the middle of a chunk', async () => {
    const world = new SwarmFixture();
    const ann = world.player('ann', {}, { uploadBytesPerSecond: 1e6 });
    const ben = world.player('ben');
    await world.connect(ann, ben);
    const segment = await testSegment(1, LARGE);
    ann.mesh.hold(segment);
    const answer = new Answer();
    ben.mesh.ask('ann', requestFor(segment), answer);
    await world.time.advanceUntil(() => answer.chunks.size === 1);
    ann.transport.cut();
    expect(answer.ends).toEqual(['failed: the network is gone']);
    expect(ben.mesh.peers()).toEqual([]);
    expect(ben.room.sent.at(-1)).toEqual({ type: 'peer-failed', peer: 'ann', reason: 'lost' });
  });

  it('says goodbye, and then needs no replacement', async () => {
    const { world, ann, ben } = await couple();
    ann.mesh.close();
    await world.time.advanceUntil(() => ben.mesh.peers().length === 0);
    await world.time.advance(1000);
    expect(ben.ends).toEqual([{ peer: 'ann', end: { kind: 'farewell', reason: 'leaving' } }]);
    expect(ben.room.sent.filter(({ type }) => type === 'peer-failed')).toEqual([]);
    expect(world.time.pending).toBe(0);
  });
});

describe('a link to a peer that', () => {
  async function meetRogue(): Promise<{ world: SwarmFixture; ann: TestPlayer; rogue: Rogue }> {
    const world = new SwarmFixture();
    const ann = world.player('ann');
    const rogue = world.rogue('rogue');
    await rogue.greet(ann);
    return { world, ann, rogue };
  }

  async function expectBlamed(world: SwarmFixture, ann: TestPlayer, code: string): Promise<void> {
    await world.time.advanceUntil(() => ann.ends.length > 0);
    await world.time.advance(500);
    expect(ann.ends[0]?.end).toMatchObject({ kind: 'breach', reason: expect.stringContaining(code) });
    expect(ann.room.sent.at(-1)).toEqual({ type: 'peer-failed', peer: 'rogue', reason: 'misbehaved' });
    ann.room.sent.length = 0;
    world.edge.introduce('ann', 'rogue');
    await world.time.advance(100);
    expect(ann.room.sent).toEqual([]);
    expect(ann.mesh.peers()).toEqual([]);
  }

  it.each([
    ['an empty message', new Uint8Array(0), 'truncated'],
    ['an unknown frame', new Uint8Array([99]), 'bad-type'],
    ['half a frame', new Uint8Array([4, 0, 0]), 'truncated'],
    ['more than a frame', new Uint8Array([9, 1, 1]), 'trailing-bytes'],
    ['a message over the limit', new Uint8Array(70_000), 'too-large'],
  ])('sends %s is blamed', async (_what, garbage, code) => {
    const { world, ann, rogue } = await meetRogue();
    rogue.raw(garbage);
    await expectBlamed(world, ann, code);
    expect(rogue.heard.at(-1)).toEqual({ type: 'bye', reason: 'misbehaved' });
    expect(rogue.closed).toBe(true);
  });

  it('speaks before its hello is blamed', async () => {
    const world = new SwarmFixture();
    const ann = world.player('ann');
    const rogue = world.rogue('rogue');
    await rogue.open(ann);
    rogue.say({ type: 'claim', rendition: 1, sequence: 1 });
    await expectBlamed(world, ann, 'no-hello');
  });

  it('speaks another version is told so, reported as unreachable and not met again', async () => {
    const world = new SwarmFixture();
    const ann = world.player('ann');
    const rogue = world.rogue('rogue');
    await rogue.open(ann);
    rogue.say({ type: 'hello', version: PROTOCOL_VERSION + 1, upload: true });
    await world.time.advanceUntil(() => rogue.closed);
    expect(rogue.heard.at(-1)).toEqual({ type: 'bye', reason: 'incompatible' });
    expect(ann.room.sent.at(-1)).toEqual({ type: 'peer-failed', peer: 'rogue', reason: 'unreachable' });
    ann.room.sent.length = 0;
    world.edge.introduce('ann', 'rogue');
    await world.time.advance(100);
    expect(ann.room.sent).toEqual([]);
  });

  it('never says hello is given up', async () => {
    const world = new SwarmFixture();
    const ann = world.player('ann');
    await world.rogue('rogue').open(ann);
    await world.time.advance(5_200);
    expect(ann.ends[0]?.end).toEqual({ kind: 'unreachable', reason: 'no HELLO in time' });
    expect(ann.room.sent.at(-1)).toEqual({ type: 'peer-failed', peer: 'rogue', reason: 'unreachable' });
  });

  it('never answers costs one time-out a request, and stays a peer with failures', async () => {
    const { world, ann } = await meetRogue();
    const segment = await testSegment(1, LARGE);
    const first = new Answer();
    const second = new Answer();
    ann.mesh.ask('rogue', requestFor(segment), first);
    ann.mesh.ask('rogue', requestFor(segment), second);
    await world.time.advance(1_999);
    expect(first.ends).toEqual([]);
    await world.time.advance(1);
    expect(first.ends).toEqual(['failed: nothing came for 2000 ms']);
    expect(second.ends).toEqual([]);
    await world.time.advance(2_000);
    expect(second.ends).toEqual(['failed: nothing came for 2000 ms']);
    expect(ann.mesh.peers()[0]).toMatchObject({ failures: 2, pendingBytes: 0 });
  });

  it('leaves three requests in a row without a word is dropped and not met again, whoever gave up first', async () => {
    const { world, ann, rogue } = await meetRogue();
    const segment = await testSegment(1, LARGE);
    const answers = [new Answer(), new Answer(), new Answer()];
    const [first, second, third] = answers.map((answer) =>
      ann.mesh.ask('rogue', requestFor(segment), answer),
    );
    await world.time.advance(799);
    first?.();
    await world.time.advance(1);
    second?.();
    third?.();
    await world.time.advance(100);
    // The first was given up before it could be called silence.
    expect(ann.mesh.peers()).toHaveLength(1);
    const last = new Answer();
    ann.mesh.ask('rogue', requestFor(segment), last);
    await world.time.advance(2_100);
    expect(last.ends).toEqual(['failed: nothing came for 2000 ms']);
    expect(ann.mesh.peers()).toEqual([]);
    expect(ann.ends[0]?.end).toMatchObject({ kind: 'silent' });
    expect(ann.room.sent.at(-1)).toEqual({ type: 'peer-failed', peer: 'rogue', reason: 'lost' });
    expect(rogue.heard.at(-1)).toEqual({ type: 'bye', reason: 'switching' });
    ann.room.sent.length = 0;
    world.edge.introduce('ann', 'rogue');
    await world.time.advance(100);
    expect(ann.room.sent).toEqual([]);
  });

  it('is slow, but says something, is kept', async () => {
    const { world, ann, rogue } = await meetRogue();
    const segment = await testSegment(1, LARGE);
    for (let id = 1; id <= 6; id++) {
      const cancel = ann.mesh.ask(
        'rogue',
        requestFor(segment, { first: 0, count: 1, leaves: false }),
        new Answer(),
      );
      await world.time.advance(1_000);
      cancel();
      rogue.say({ type: 'chunk', id, index: 0, payload: segment.bytes.subarray(0, 65_536) });
      await world.time.advance(100);
    }
    expect(ann.mesh.peers()).toHaveLength(1);
  });

  it('sends the wrong bytes is blamed when the transfer says so', async () => {
    const { world, ann, rogue } = await meetRogue();
    const segment = await testSegment(1, 1000);
    rogue.onFrame = (frame) => {
      if (frame.type !== 'request') return;
      rogue.say(
        { type: 'leaves', id: frame.id, leaves: segment.leaves },
        { type: 'chunk', id: frame.id, index: 0, payload: new Uint8Array(1000) },
      );
    };
    const answer = new Answer();
    ann.mesh.ask('rogue', requestFor(segment), answer);
    await world.time.advanceUntil(() => answer.ends.length > 0);
    expect(answer.ends).toEqual(['done']);
    expect(await verifyChunk(0, answer.joined(), answer.leaves, nodeSha256)).toBe(false);
    ann.mesh.blame('rogue', 'chunk 0 is not what the digest says');
    expect(ann.mesh.peers()).toEqual([]);
    expect(ann.room.sent.at(-1)).toEqual({ type: 'peer-failed', peer: 'rogue', reason: 'misbehaved' });
    ann.mesh.blame('rogue', 'again');
    expect(ann.room.sent.filter(({ type }) => type === 'peer-failed')).toHaveLength(1);
    await world.time.advance(500);
    // It is served on, until the room is needed.
    expect(rogue.closed).toBe(false);
  });

  const wrongAnswers: [string, string, (id: number, segment: HeldSegment) => PeerFrame[]][] = [
    ['answers what was never asked', 'unknown-request', (id) => [chunk(id + 1, 0, 65_536)]],
    ['sends a chunk that was not asked for', 'unasked-chunk', (id) => [chunk(id, 4, 65_536)]],
    ['sends a chunk twice', 'repeated-chunk', (id) => [chunk(id, 1, 65_536), chunk(id, 1, 65_536)]],
    ['sends a short chunk', 'wrong-length', (id) => [chunk(id, 1, 65_535)]],
    ['sends a long last chunk', 'wrong-length', (id) => [chunk(id, 2, 1235)]],
    [
      'sends leaves that nobody asked for',
      'unasked-leaves',
      (id, { leaves }) => [{ type: 'leaves', id, leaves }],
    ],
  ];
  it.each(wrongAnswers)('%s is blamed', async (_what, code, wrong) => {
    const { world, ann, rogue } = await meetRogue();
    const segment = await testSegment(1, 2 * 65_536 + 1234);
    rogue.onFrame = (frame) => {
      if (frame.type === 'request') rogue.say(...wrong(frame.id, segment));
    };
    const answer = new Answer();
    ann.mesh.ask('rogue', requestFor(segment, { first: 1, count: 2, leaves: false }), answer);
    await expectBlamed(world, ann, code);
    expect(answer.ends).toHaveLength(1);
    expect(answer.ends[0]).toContain('failed');
  });

  const wrongLeaves: [string, string, (id: number, segment: HeldSegment) => PeerFrame[]][] = [
    ['keeps the leaves back', 'missing-leaves', (id) => [chunk(id, 1, 65_536)]],
    [
      'sends too few leaves',
      'wrong-leaves',
      (id, { leaves }) => [{ type: 'leaves', id, leaves: leaves.slice(1) }],
    ],
    [
      'sends leaves twice',
      'unasked-leaves',
      (id, { leaves }) => [
        { type: 'leaves', id, leaves },
        { type: 'leaves', id, leaves },
      ],
    ],
  ];
  it.each(wrongLeaves)('%s is blamed', async (_what, code, wrong) => {
    const { world, ann, rogue } = await meetRogue();
    const segment = await testSegment(1, 2 * 65_536 + 1234);
    rogue.onFrame = (frame) => {
      if (frame.type === 'request') rogue.say(...wrong(frame.id, segment));
    };
    ann.mesh.ask('rogue', requestFor(segment, { first: 1, count: 2 }), new Answer());
    await expectBlamed(world, ann, code);
  });

  it('uses a request id twice is blamed', async () => {
    const { world, ann, rogue } = await meetRogue();
    const request: PeerFrame = {
      type: 'request',
      id: 1,
      root: new Uint8Array(32),
      first: 0,
      count: 1,
      leaves: false,
    };
    rogue.say(request, request);
    await expectBlamed(world, ann, 'repeated-id');
  });

  it.each<[string, (index: number) => PeerFrame]>([
    ['haves', (index) => ({ type: 'have', rendition: index, runs: [{ first: index * 2, count: 1 }] })],
    ['claims', (index) => ({ type: 'claim', rendition: index, sequence: index })],
    ['cancels', (index) => ({ type: 'cancel', id: index })],
    ['hellos', () => ({ type: 'hello', version: PROTOCOL_VERSION, upload: true })],
    [
      'requests',
      (index) => ({
        type: 'request',
        id: index + 1,
        root: new Uint8Array(32),
        first: 0,
        count: 1,
        leaves: true,
      }),
    ],
  ])('floods with %s is blamed', async (_what, frame) => {
    const { world, ann, rogue } = await meetRogue();
    for (let index = 0; index < 1100; index++) rogue.say(frame(index));
    await expectBlamed(world, ann, 'flood');
  });

  it('goes on answering what was cancelled long ago is blamed before long', async () => {
    const { world, ann, rogue } = await meetRogue();
    const segment = await testSegment(1, 1000);
    for (let index = 0; index < 80; index++) ann.mesh.ask('rogue', requestFor(segment), new Answer())();
    await world.time.advance(100);
    for (let index = 0; index < 70; index++) rogue.say(chunk(1, 0, 1000));
    await expectBlamed(world, ann, 'stray-answers');
  });
});

function chunk(id: number, index: number, bytes: number): PeerFrame {
  return { type: 'chunk', id, index, payload: new Uint8Array(bytes) };
}
