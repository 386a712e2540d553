import { describe, expect, it } from 'vitest';
import { testSegment } from '../testing/media.js';
import { Answer, requestFor, SwarmFixture, type TestPlayer } from '../testing/swarm-fixture.js';

const failures = (player: TestPlayer): unknown[] =>
  player.room.sent.flatMap((message) =>
    message.type === 'peer-failed' ? [`${message.peer} ${message.reason}`] : [],
  );
const ids = (player: TestPlayer): string[] =>
  player.mesh
    .peers()
    .map(({ id }) => id)
    .sort();

describe('a mesh', () => {
  it('meets whom the edge names, up to its maximum', async () => {
    const world = new SwarmFixture();
    const ann = world.player('ann');
    ann.room.tell((events) => events.onConfig?.({ mode: 'on', maxPeers: 2, uploadBytesPerSecond: 0 }));
    for (const name of ['ben', 'cleo', 'dan']) {
      world.player(name);
      world.edge.introduce('ann', name);
    }
    await world.time.advance(1000);
    expect(ids(ann)).toEqual(['ben', 'cleo']);
    expect(failures(ann)).toEqual([]);
  });

  it('asks for another peer in place of one that cannot be reached, more slowly after several', async () => {
    const world = new SwarmFixture();
    const ann = world.player('ann');
    for (const name of ['p1', 'p2', 'p3', 'p4', 'p5', 'p6']) world.edge.introduce('ann', name);
    await world.time.advance(8_001);
    expect(failures(ann)).toEqual(['p1 unreachable', 'p2 unreachable', 'p3 unreachable']);
    await world.time.advance(1_000);
    expect(failures(ann)).toHaveLength(4);
    await world.time.advance(1_000);
    expect(failures(ann)).toHaveLength(5);
    await world.time.advance(2_000);
    expect(failures(ann)).toHaveLength(6);
  });

  it('takes the peer that it is given instead', async () => {
    const world = new SwarmFixture();
    const [ann, ben] = [world.player('ann'), world.player('ben')];
    ann.room.tell((events) => events.onConfig?.({ mode: 'on', maxPeers: 1, uploadBytesPerSecond: 0 }));
    await world.connect(ann, ben);
    ben.transport.cut();
    expect(failures(ann)).toEqual(['ben lost']);
    const cleo = world.player('cleo');
    await world.connect(cleo, ann);
    expect(ids(ann)).toEqual(['cleo']);
  });

  it('lets go of what was purged, tells so, and ends answers under way', async () => {
    const world = new SwarmFixture();
    const [ann, ben] = [world.player('ann', {}, { uploadBytesPerSecond: 1_000_000 }), world.player('ben')];
    await world.connect(ann, ben);
    const [gone, kept] = await Promise.all([testSegment(1, 2_000_000), testSegment(2, 100_000)]);
    ann.mesh.hold(gone);
    ann.mesh.hold(kept);
    const peer = () => ben.mesh.peers()[0];
    await world.time.advanceUntil(() => peer()?.has(kept.name) === true);
    const answer = new Answer();
    ben.mesh.ask('ann', requestFor(gone), answer);
    await world.time.advanceUntil(() => answer.bytes > 0);
    ann.room.tell((events) => events.onPurged?.({ paths: [gone.digest.path], prefixes: [] }));
    await world.time.advanceUntil(() => answer.ends.length > 0);
    expect(answer.ends).toEqual(['refused: not-held']);
    expect(answer.bytes).toBeLessThan(2_000_000);
    await world.time.advanceUntil(() => peer()?.has(gone.name) === false);
    expect(ann.mesh.held(gone.digest.root)).toBeUndefined();
    expect(peer()?.has(kept.name)).toBe(true);
    expect(ann.mesh.heldBytes).toBe(100_000);
    const late = new Answer();
    ben.mesh.ask('ann', requestFor(gone), late);
    await world.time.advanceUntil(() => late.ends.length > 0);
    expect(late.ends).toEqual(['refused: not-held']);
  });

  it('closes the channel to whom the edge has put out, at once', async () => {
    const world = new SwarmFixture();
    const [ann, ben] = [world.player('ann'), world.player('ben')];
    await world.connect(ann, ben);
    ann.room.tell((events) => events.onPeers?.({ type: 'peers', meet: [], gone: ['ben'] }));
    await world.time.advance(1000);
    expect(ids(ann)).toEqual(['ben']);
    ann.room.tell((events) => events.onPeers?.({ type: 'peers', meet: [], gone: [], expelled: ['ben'] }));
    expect(ids(ann)).toEqual([]);
    await world.time.advance(1000);
    expect(failures(ann)).toEqual([]);
  });

  it('keeps a channel whose peer the edge lost sight of, until it needs the room', async () => {
    const world = new SwarmFixture();
    const [ann, ben] = [world.player('ann'), world.player('ben')];
    ann.room.tell((events) => events.onConfig?.({ mode: 'on', maxPeers: 1, uploadBytesPerSecond: 0 }));
    await world.connect(ann, ben);
    world.edge.remove('ben');
    await world.time.advance(100);
    expect(ids(ann)).toEqual(['ben']);
    const cleo = world.player('cleo');
    await world.connect(ann, cleo);
    expect(ids(ann)).toEqual(['cleo']);
    expect(failures(ann)).toEqual([]);
  });

  it('works on with its peers under a new name, and drops those it was about to meet', async () => {
    const world = new SwarmFixture();
    const [ann, ben] = [world.player('ann'), world.player('ben')];
    await world.connect(ann, ben);
    world.edge.introduce('ann', 'nobody');
    await world.time.advance(100);
    ann.room.admit('ann-2');
    expect(ann.mesh.self).toBe('ann-2');
    expect(ids(ann)).toEqual(['ben']);
    expect(ann.ends.map(({ peer }) => peer)).toEqual(['nobody']);
    await world.time.advance(10_000);
    expect(failures(ann)).toEqual([]);
  });

  it('opens a new channel to a peer that is introduced again', async () => {
    const world = new SwarmFixture();
    const [ann, ben] = [world.player('ann'), world.player('ben')];
    await world.connect(ann, ben);
    const segment = await testSegment(1, 1000);
    ann.mesh.hold(segment);
    await world.time.advance(100);
    await world.connect(ben, ann);
    await world.time.advance(500);
    expect(ids(ann)).toEqual(['ben']);
    expect(ids(ben)).toEqual(['ann']);
    expect(ben.mesh.peers()[0]?.has(segment.name)).toBe(true);
  });

  it('drops a peer that is gone before it was met, without a word', async () => {
    const world = new SwarmFixture();
    const ann = world.player('ann');
    world.edge.introduce('ann', 'ben');
    await world.time.advance(100);
    world.edge.remove('ben');
    await world.time.advance(20_000);
    expect(failures(ann)).toEqual([]);
    expect(world.time.pending).toBe(0);
  });

  it('closes all channels when the site turns peers off, and meets nobody', async () => {
    const world = new SwarmFixture();
    const [ann, ben] = [world.player('ann'), world.player('ben')];
    await world.connect(ann, ben);
    ann.room.tell((events) => events.onConfig?.({ mode: 'off', maxPeers: 8, uploadBytesPerSecond: 0 }));
    await world.time.advance(500);
    expect([ids(ann), ids(ben)]).toEqual([[], []]);
    world.edge.introduce('ann', 'ben');
    await world.time.advance(500);
    expect(ids(ann)).toEqual([]);
    expect(failures(ben)).toEqual([]);
  });

  it('as a leech downloads and uploads nothing, says so, and claims nothing', async () => {
    const world = new SwarmFixture();
    const [ann, ben] = [world.player('ann'), world.player('ben')];
    await world.connect(ann, ben);
    const [of, segment] = [await testSegment(1, 1000), await testSegment(2, 1000)];
    ben.mesh.hold(of);
    ann.room.tell((events) => events.onConfig?.({ mode: 'leech', maxPeers: 8, uploadBytesPerSecond: 0 }));
    ann.mesh.hold(segment);
    ann.mesh.claim({ rendition: 7, sequence: 9 });
    await world.time.advance(100);
    const seen = ben.mesh.peers()[0];
    expect(seen?.uploads).toBe(false);
    expect(seen?.has(segment.name)).toBe(false);
    expect(seen?.claimedAt({ rendition: 7, sequence: 9 })).toBeUndefined();
    const [taken, refused] = [new Answer(), new Answer()];
    ann.mesh.ask('ben', requestFor(of), taken);
    ben.mesh.ask('ann', requestFor(segment), refused);
    await world.time.advance(100);
    expect(taken.ends).toEqual(['done']);
    expect(refused.ends).toEqual(['refused: off']);
    ann.room.tell((events) => events.onConfig?.({ mode: 'on', maxPeers: 8, uploadBytesPerSecond: 0 }));
    await world.time.advance(100);
    expect(seen?.uploads).toBe(true);
    expect(seen?.has(segment.name)).toBe(true);
  });

  it('keeps its best peers when the maximum sinks', async () => {
    const world = new SwarmFixture();
    const ann = world.player('ann');
    const others = ['ben', 'cleo', 'dan'].map((name) => world.player(name));
    for (const other of others) await world.connect(ann, other);
    const segment = await testSegment(1, 1000);
    others[1]?.mesh.hold(segment);
    ann.mesh.ask('cleo', requestFor(segment), new Answer());
    await world.time.advance(100);
    ann.room.tell((events) => events.onConfig?.({ mode: 'on', maxPeers: 1, uploadBytesPerSecond: 0 }));
    await world.time.advance(500);
    expect(ids(ann)).toEqual(['cleo']);
    expect(others[0] && failures(others[0])).toEqual(['ann lost']);
  });

  it('tells its listeners once a turn, of what changed', async () => {
    const world = new SwarmFixture();
    const [ann, ben] = [world.player('ann'), world.player('ben')];
    let calls = 0;
    const unsubscribe = ann.mesh.onChange(() => calls++);
    await world.connect(ann, ben);
    expect(calls).toBeGreaterThan(0);
    calls = 0;
    for (let sequence = 0; sequence < 50; sequence++) ben.mesh.hold(await testSegment(sequence, 10));
    await world.time.advance(100);
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThan(52);
    unsubscribe();
    unsubscribe();
    calls = 0;
    ben.mesh.close();
    await world.time.advance(100);
    expect(calls).toBe(0);
  });

  it('fails what is asked of a peer that is not there', async () => {
    const world = new SwarmFixture();
    const ann = world.player('ann');
    const [answer, cancelled] = [new Answer(), new Answer()];
    const segment = await testSegment(1, 10);
    ann.mesh.ask('nobody', requestFor(segment), answer);
    ann.mesh.ask('nobody', requestFor(segment), cancelled)();
    expect(answer.ends).toEqual([]);
    await world.time.advance(0);
    expect(answer.ends).toEqual(['failed: there is no channel to nobody']);
    expect(cancelled.ends).toEqual([]);
  });

  it('passes a segment on from player to player, each in its turn', async () => {
    const world = new SwarmFixture();
    const players = ['p0', 'p1', 'p2', 'p3'].map((name) =>
      world.player(name, {}, { uploadBytesPerSecond: 2e6 }),
    );
    const segment = await testSegment(1, 500_000);
    players[0]?.mesh.hold(segment);
    for (const [index, player] of players.entries()) {
      const before = players[index - 1];
      if (before === undefined) continue;
      await world.connect(before, player);
      await world.time.advanceUntil(() => player.mesh.peers().some((peer) => peer.has(segment.name)));
      const answer = new Answer();
      player.mesh.ask(before.name, requestFor(segment), answer);
      await world.time.advanceUntil(() => answer.ends.length > 0);
      expect(Buffer.compare(answer.joined(), segment.bytes)).toBe(0);
      player.mesh.hold({ ...segment, bytes: answer.joined(), leaves: answer.leaves });
    }
    expect(players.map(({ mesh }) => mesh.uploadedBytes)).toEqual([500_000, 500_000, 500_000, 0]);
  });

  it('gives others what has come of a segment, and says so to who comes later', async () => {
    const world = new SwarmFixture();
    const [ann, ben] = [world.player('ann'), world.player('ben')];
    await world.connect(ann, ben);
    const segment = await testSegment(1, 200_000);
    const here = new Set<number>();
    const shared = ann.mesh.share({ ...segment, has: (chunk) => here.has(chunk) });
    const seenBy = (player: TestPlayer): number[] => [
      ...(player.mesh
        .peers()
        .find(({ id }) => id === 'ann')
        ?.partsOf(segment.name) ?? []),
    ];
    for (const chunk of [2, 0]) {
      here.add(chunk);
      shared.add(chunk);
    }
    await world.time.advanceUntil(() => seenBy(ben).length > 0);
    expect(seenBy(ben)).toEqual([0, 2]);
    const [answer, tooMuch] = [new Answer(), new Answer()];
    ben.mesh.ask('ann', requestFor(segment, { first: 2, count: 1 }), answer);
    ben.mesh.ask('ann', requestFor(segment, { first: 0, count: 2, leaves: false }), tooMuch);
    await world.time.advanceUntil(() => tooMuch.ends.length > 0);
    expect(answer.joined()).toEqual(segment.bytes.subarray(2 * 65_536, 3 * 65_536));
    expect(tooMuch.ends).toEqual(['refused: not-held']);

    const cleo = world.player('cleo');
    await world.connect(cleo, ann);
    await world.time.advanceUntil(() => seenBy(cleo).length > 0);
    expect(seenBy(cleo)).toEqual([0, 2]);

    shared.end();
    await world.time.advanceUntil(() => seenBy(ben).length === 0);
    const gone = new Answer();
    ben.mesh.ask('ann', requestFor(segment, { first: 2, count: 1 }), gone);
    await world.time.advanceUntil(() => gone.ends.length > 0);
    expect(gone.ends).toEqual(['refused: not-held']);
  });

  it('gives nothing on of a segment that is purged while it comes', async () => {
    const world = new SwarmFixture();
    const [ann, ben] = [world.player('ann'), world.player('ben')];
    await world.connect(ann, ben);
    const segment = await testSegment(1, 200_000);
    const shared = ann.mesh.share({ ...segment, has: () => true });
    shared.add(0);
    const parts = (): number | undefined => ben.mesh.peers()[0]?.partsOf(segment.name).size;
    await world.time.advanceUntil(() => parts() === 1);
    ann.room.tell((events) => events.onPurged?.({ paths: [segment.digest.path], prefixes: [] }));
    await world.time.advanceUntil(() => parts() === 0);
    shared.add(1);
    await world.time.advance(100);
    expect(parts()).toBe(0);
    const answer = new Answer();
    ben.mesh.ask('ann', requestFor(segment), answer);
    await world.time.advanceUntil(() => answer.ends.length > 0);
    expect(answer.ends).toEqual(['refused: not-held']);
  });

  it('announces a segment once it is whole, without a word of loss in between', async () => {
    const world = new SwarmFixture();
    const [ann, ben] = [world.player('ann'), world.rogue('ben')];
    await ben.greet(ann);
    const segment = await testSegment(1, 200_000);
    const shared = ann.mesh.share({ ...segment, has: () => true });
    shared.add(0);
    await world.time.advanceUntil(() => ben.heard.some(({ type }) => type === 'parts'));
    ann.mesh.hold(segment);
    shared.end();
    await world.time.advanceUntil(() => ben.heard.some(({ type }) => type === 'have'));
    expect(ben.heard.map(({ type }) => type)).toEqual(['hello', 'parts', 'have']);
  });
});
