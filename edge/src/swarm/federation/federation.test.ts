import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Node, Nodes, settled, type Watcher } from '../testing/federation-fixture.js';
import { keyOfRoom } from './federation.js';
import { decodeWord, encodeWord, type FederationWord } from './words.js';

let nodes: Nodes;
let [a, b]: Node[] = [];
beforeEach(() => {
  nodes = new Nodes();
  a = nodes.add();
  b = nodes.add();
});
const first = (): Node => a as Node;
const second = (): Node => b as Node;

/** One on each edge, introduced to each other. */
async function pair(): Promise<[Watcher, Watcher]> {
  const one = first().join();
  const other = second().join();
  await nodes.pass(500);
  return [one, other];
}

describe('viewers of different edges', () => {
  it('meet: one opens the channel, the other waits; signals go both ways', async () => {
    const [one, other] = await pair();
    expect([...one.peers.keys(), ...other.peers.keys()]).toEqual([other.name, one.name]);
    expect([one.peers.get(other.name), other.peers.get(one.name)].sort()).toEqual([false, true]);
    one.say({ type: 'signal', to: other.name, payload: 'hello' });
    await settled();
    other.say({ type: 'signal', to: one.name, payload: 'well met' });
    await settled();
    expect([one.signals, other.signals]).toEqual([[`${other.name}: well met`], [`${one.name}: hello`]]);
    expect(first().rooms.visitors).toBe(1);
  });

  it('do not meet where they watch something else, and then nothing is said of them to who has no part', async () => {
    const one = first().join('/v/one.m3u8');
    const other = second().join('/v/other.m3u8');
    await nodes.pass(1000);
    expect([one.peers.size, other.peers.size]).toEqual([0, 0]);
    expect(nodes.words.get('heard open')).toBeUndefined();
    one.say({ type: 'signal', to: other.name, payload: 'who are you' });
    await settled();
    expect(other.signals).toEqual([]);
  });

  it('part when one of them leaves, and nothing is remembered of it', async () => {
    const [one, other] = await pair();
    one.end();
    await settled();
    expect(other.peers.size).toBe(0);
    expect([first().rooms.visitors, second().rooms.visitors]).toEqual([0, 0]);
  });

  it('part for good when one could not reach the other, which is asked whether it is there', async () => {
    const [one, other] = await pair();
    one.fail(other.name, 'unreachable');
    await settled();
    expect([other.peers.size, other.probes]).toEqual([0, 1]);
    await nodes.pass(60_000);
    expect([one.peers.has(other.name), other.peers.has(one.name)]).toEqual([false, false]);
  });

  it('lose each other when the edge of one dies, and find others', async () => {
    const [one, other] = await pair();
    const third = nodes.add();
    const late = third.join();
    await nodes.pass(500);
    expect([...one.peers.keys()].sort()).toEqual([other.name, late.name].sort());
    await nodes.kill(second());
    expect([...one.peers.keys()]).toEqual([late.name]);
  });

  it('keep each other while the bus is away, meet nobody new, and do again when it is back', async () => {
    const [one, other] = await pair();
    nodes.hub.setUp(false);
    const third = second().join();
    await nodes.pass(10_000);
    expect([...one.peers.keys()]).toEqual([other.name]);
    expect([...third.peers.keys()]).toEqual([other.name]);
    nodes.hub.setUp(true);
    await nodes.pass(500);
    expect([...one.peers.keys()].sort()).toEqual([other.name, third.name].sort());
  });

  it('hold no slot for an offer that nobody answers', async () => {
    const one = first().join();
    const mute = nodes.add();
    say(mute, { type: 'open', viewers: [OPEN] });
    await settled();
    const slots = (): number | undefined => first().rooms.describe(ROOM, one.name)?.slots;
    expect(slots()).toBe(7);
    await nodes.pass(5500);
    expect(slots()).toBe(8);
  });

  it('are parted by the edge where it matters no more that the other one agrees', async () => {
    const one = first().join();
    const slow = nodes.add();
    say(slow, { type: 'open', viewers: [OPEN] });
    await nodes.pass(5500);
    const heard: FederationWord[] = [];
    slow.bus.subscribe(`swarm.to.${slow.instance}`, (data) => heard.push(decodeWord(data) as FederationWord));
    say(slow, { type: 'answer', pairs: [{ to: one.name, peer: OPEN.peer, agreed: true }] }, first());
    await settled();
    expect(heard).toMatchObject([{ type: 'part', to: OPEN.peer, peer: one.name }]);
    expect(one.peers.size).toBe(0);
  });

  it('are told when one of them is expelled', async () => {
    const [one, other] = await pair();
    second().rooms.part(ROOM, other.name, one.name, true);
    expect([other.expelled, other.peers.size]).toEqual([[one.name], 0]);
  });
});

const ROOM = 'video.example/v/main.m3u8';
const OPEN = { peer: 'somebody', uploads: true, place: { prefix: '' }, slots: 8, peers: 0 };
/** A word in the name of an edge; to all, or to one. */
function say(node: Node, word: Record<string, unknown>, to?: Node): void {
  const room = keyOfRoom(ROOM);
  const data = new TextEncoder().encode(JSON.stringify({ ...word, from: node.instance, room }));
  node.bus.publish(to === undefined ? `swarm.room.${room}` : `swarm.to.${to.instance}`, data);
}

describe('a few viewers here, and many at another edge', () => {
  it.each([
    ['that have slots to spare', 4],
    ['that are as many as they can be', 40],
  ])('get peers among those %s', async (_, count) => {
    const many = Array.from({ length: count }, () => second().join());
    await settled();
    const lonely = first().join();
    await nodes.pass(5000);
    expect(lonely.peers.size).toBeGreaterThanOrEqual(Math.min(4, count));
    for (const { name, peers } of many) {
      expect(peers.size).toBeLessThanOrEqual(8);
      expect(peers.has(lonely.name)).toBe(lonely.peers.has(name));
    }
  });
});

describe('several edges', () => {
  it('agree on who has met whom, whatever happens, and nobody has more peers than it may', async () => {
    const step = fc.record({
      ...{ edge: fc.nat(2), viewer: fc.nat(19) },
      does: fc.constantFrom('join', 'join', 'join', 'leave', 'fail', 'accuse', 'status', 'wait', 'signal'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), fc.integer(), async (steps, seed) => {
        const here = new Nodes(
          { players: { mode: 'on', maxPeers: 4, uploadBytesPerSecond: 0 } },
          seeded(seed),
        );
        const edges = [here.add(), here.add(), here.add()];
        const watchers: Watcher[] = [];
        for (const { edge, viewer, does } of steps) {
          const watcher = watchers[viewer % Math.max(1, watchers.length)];
          const [peer] = watcher?.peers.keys() ?? [];
          if (does === 'join') watchers.push((edges[edge] as Node).join());
          else if (does === 'wait') await here.pass(250);
          else if (watcher === undefined) continue;
          else if (does === 'leave') {
            watcher.end();
            watchers.splice(watchers.indexOf(watcher), 1);
          } else if (does === 'status')
            watcher.say({ type: 'status', positionMs: viewer * 60_000, uploads: [] });
          else if (peer === undefined) continue;
          else if (does === 'signal') watcher.say({ type: 'signal', to: peer, payload: '' });
          else watcher.fail(peer, does === 'fail' ? 'lost' : 'misbehaved');
        }
        await here.pass(7000);
        const byName = new Map(watchers.map((watcher) => [watcher.name, watcher]));
        for (const watcher of watchers) {
          expect(watcher.peers.size).toBeLessThanOrEqual(4);
          for (const [peer, offers] of watcher.peers) {
            expect(byName.get(peer)?.peers.get(watcher.name)).toBe(!offers);
          }
        }
        expect(here.garbled).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

/** The same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('words between edges', () => {
  const about = { from: 'instance-a', room: keyOfRoom(ROOM) };
  const pairOf = { ...about, to: 'x', peer: 'y' };
  const WORDS: FederationWord[] = [
    { type: 'open', ...about, viewers: [{ ...OPEN, place: { prefix: '1.2.3', network: 7, region: 'DE' } }] },
    { type: 'offer', ...about, pairs: [{ to: 'x', viewer: OPEN }] },
    { type: 'answer', ...about, pairs: [{ to: 'x', peer: 'y', agreed: true }] },
    { type: 'part', ...pairOf, expelled: false },
    { type: 'fail', ...pairOf, accused: true },
    { type: 'signal', ...pairOf, payload: '{"sdp":""}' },
  ];

  it.each(WORDS.map((word) => [word.type, word] as const))('of %s come back as they were said', (_, word) => {
    expect(decodeWord(encodeWord(word))).toEqual(word);
  });

  it('that are hostile or garbled break nothing, and change nobody’s peers', async () => {
    const [one, other] = await pair();
    const before = [[...one.peers], [...other.peers]];
    const stranger = nodes.hub.connect();
    const subject = `swarm.to.${first().instance}`;
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
      // Almost right, from nobody, about people who are not there.
      fc.record({ word: fc.constantFrom(...WORDS), at: fc.nat(300), with: fc.string() }).map((made) => {
        const text = JSON.stringify(made.word);
        return new TextEncoder().encode(text.slice(0, made.at) + made.with + text.slice(made.at + 1));
      }),
      fc.constantFrom(...WORDS).map((word) => encodeWord({ ...word, from: second().instance })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(junk, { maxLength: 20 }), async (said) => {
        for (const data of said) stranger.publish(subject, data);
        await settled();
      }),
      { numRuns: 50 },
    );
    expect([[...one.peers], [...other.peers]]).toEqual(before);
    expect(nodes.garbled).toBeGreaterThan(0);
  });
});

describe('what it costs', () => {
  it('says nothing of rooms where enough are here', async () => {
    for (const node of [first(), second()]) for (let count = 0; count < 200; count++) node.join();
    await nodes.pass(60_000);
    expect([...nodes.words.keys()]).toEqual([]);
  });

  it('says little of very many small rooms, however many viewers they have together', async () => {
    const rooms = 200;
    for (let room = 0; room < rooms; room++) {
      for (const node of [first(), second()]) node.join(`/v/${room}.m3u8`);
    }
    await nodes.pass(1000);
    expect(nodes.said('open')).toBeLessThanOrEqual(2 * 100);
    await nodes.pass(20_000);
    // Every pair has met, by one offer and one answer; a room was told of before and after.
    expect(nodes.said('offer')).toBeLessThanOrEqual(2 * rooms);
    const before = nodes.said('open');
    await nodes.pass(30_000);
    expect(nodes.said('open') - before).toBeLessThanOrEqual(2 * rooms);
    expect(first().rooms.visitors + second().rooms.visitors).toBe(2 * rooms);
  });
});
