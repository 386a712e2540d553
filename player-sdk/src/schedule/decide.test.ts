import { CHUNK_BYTES } from '@eddy/protocol';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.js';
import { SCHEDULE_DEFAULTS } from './options.js';
import type { Flight, PeerView, Snapshot } from './snapshot.js';

const CHUNKS = 16;

function peer(id: string, changes: Partial<PeerView> = {}): PeerView {
  return {
    id,
    has: true,
    parts: [],
    uploads: true,
    claimedAt: undefined,
    bytesPerSecond: 1_000_000,
    pendingBytes: 0,
    failures: 0,
    notBefore: 0,
    ...changes,
  };
}

function flight(
  id: number,
  from: string | undefined,
  chunks: number[],
  changes: Partial<Flight> = {},
): Flight {
  return { id, peer: from, chunks, askedAt: 0, progressAt: 0, ...changes };
}

function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    bytes: CHUNKS * CHUNK_BYTES,
    durationMs: 6_000,
    known: true,
    knownAt: 0,
    live: true,
    missing: range(0, CHUNKS),
    flights: [],
    startedAt: 0,
    deadline: 6_000,
    startUp: false,
    peers: [],
    expectingUntil: 0,
    rank: 0,
    chance: 0.5,
    edge: { bytesPerSecond: 1_000_000, roundTripMs: 30, failed: false },
    ...changes,
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function types(actions: ReturnType<typeof decide>): string[] {
  return actions.map(({ type }) => type);
}

describe('start-up', () => {
  it('asks the edge at once', () => {
    const waiting = snapshot({ startUp: true, deadline: 0, rank: 5, expectingUntil: 900 });
    expect(types(decide({ ...waiting, known: false, missing: [] }, 0))).toEqual(['ask-edge-whole']);
    expect(types(decide({ ...waiting, peers: [peer('a', { bytesPerSecond: undefined })] }, 0))).toEqual([
      'ask-edge-whole',
      'wait',
    ]);
  });

  it('prefers a peer that has proven fast, and falls back to the edge when it is not', () => {
    const fast = snapshot({ startUp: true, deadline: 0, peers: [peer('a', { bytesPerSecond: 20e6 })] });
    expect(decide(fast, 0)[0]).toMatchObject({ type: 'ask-peer', peer: 'a' });
    const late = { ...fast, flights: [flight(1, 'a', range(0, CHUNKS), { progressAt: 390 })] };
    expect(decide(late, SCHEDULE_DEFAULTS.fastMs)[0]).toEqual({ type: 'ask-edge', first: 0, count: CHUNKS });
  });

  it('does not take a proven slow peer for a fast one', () => {
    const slow = snapshot({ startUp: true, deadline: 0, peers: [peer('a', { bytesPerSecond: 100_000 })] });
    expect(types(decide(slow, 0))).toEqual(['ask-edge-whole', 'wait']);
  });
});

describe('a fresh segment that nobody has', () => {
  const fresh = snapshot({ known: false, missing: [], peers: [peer('a', { has: false })] });

  it('is fetched by the one whose turn it is, once the edge would have told its digest', () => {
    expect(decide(fresh, 0)).toEqual([{ type: 'wait', until: 80 }]);
    expect(types(decide(fresh, 80))).toEqual(['ask-edge-whole']);
  });

  it('is left to those before, a step each', () => {
    expect(decide({ ...fresh, rank: 1 }, 0)).toEqual([{ type: 'wait', until: 180 }]);
    expect(types(decide({ ...fresh, rank: 1 }, 180))).toEqual(['ask-edge-whole']);
  });

  it('is left to those who give it on, by one who does not, for as long as the buffer allows', () => {
    const taker = { ...fresh, rank: Number.POSITIVE_INFINITY };
    expect(types(decide(taker, 3_000))).toEqual(['wait']);
    expect(types(decide(taker, 5_000))).toEqual(['ask-edge-whole']);
    // A video is there for everybody: its buffer fills as that of the last in turn.
    expect(types(decide({ ...taker, live: false }, 179))).toEqual(['wait']);
    expect(types(decide({ ...taker, live: false }, 180))).toEqual(['ask-edge-whole']);
    // Nobody is left to leave it to.
    expect(types(decide({ ...taker, peers: [] }, 0))).toEqual(['ask-edge-whole']);
  });

  it('is waited for when its digest tells that somebody has it, though no neighbour does', () => {
    const elsewhere = { ...fresh, known: true, knownAt: 300, missing: range(0, CHUNKS) };
    expect(types(decide({ ...elsewhere, rank: 1 }, 1_899))).toEqual(['wait']);
    expect(types(decide({ ...elsewhere, rank: 1 }, 1_900))).toContain('ask-edge-whole');
    // Of a finished playlist digests are published: they tell nothing of who has what.
    expect(types(decide({ ...elsewhere, live: false }, 300))).toContain('ask-edge-whole');
  });

  it('is left to the one that claimed it, for as long as the buffer allows', () => {
    const claimed = { ...fresh, peers: [peer('a', { has: false, claimedAt: 0 })] };
    expect(types(decide(claimed, 50))).toEqual(['wait']);
    expect(types(decide(claimed, 2_999))).toEqual(['wait']);
    expect(types(decide(claimed, 3_000))).toEqual(['ask-edge-whole']);
    expect(types(decide({ ...claimed, deadline: 2_200 }, 100))).toEqual(['ask-edge-whole']);
  });

  it('is left to the one that claimed it where the edge is slow, however urgent it is', () => {
    const edge = { bytesPerSecond: 600_000, roundTripMs: 30, failed: false };
    const claimed = { ...fresh, peers: [peer('a', { has: false, claimedAt: 0 })], edge };
    for (const urgent of [{ deadline: 1_000 }, { deadline: 0, startUp: true }]) {
      expect(types(decide({ ...claimed, ...urgent }, 900))).toEqual(['wait']);
      expect(types(decide({ ...claimed, ...urgent }, 4_000))).toEqual(['ask-edge-whole']);
    }
  });

  it('is not left to one that answers no requests', () => {
    const useless = { ...fresh, peers: [peer('a', { has: false, uploads: false, claimedAt: 0 })] };
    expect(types(decide(useless, 50))).toEqual(['ask-edge-whole']);
  });

  it('waits for the digest when a peer has it already', () => {
    expect(types(decide({ ...fresh, peers: [peer('a')] }, 500))).toEqual(['wait']);
    expect(types(decide({ ...fresh, peers: [peer('a')] }, 600))).toEqual(['ask-edge-whole']);
  });

  it('waits for peers on their way only while the buffer allows', () => {
    const expecting = { ...fresh, peers: [], expectingUntil: 1_500 };
    expect(types(decide(expecting, 100))).toEqual(['wait']);
    expect(types(decide({ ...expecting, deadline: 2_000 }, 100))).toEqual(['ask-edge-whole']);
  });
});

describe('a segment that peers hold', () => {
  it('is spread over them by their throughput, each chunk once', () => {
    const actions = decide(
      snapshot({ peers: [peer('slow', { bytesPerSecond: 200_000 }), peer('fast', { bytesPerSecond: 4e6 })] }),
      0,
    );
    expect(actions.slice(0, 2)).toEqual([
      { type: 'ask-peer', peer: 'fast', first: 0, count: 8 },
      { type: 'ask-peer', peer: 'slow', first: 8, count: 2 },
    ]);
  });

  it('is asked for from the rarest chunk on, of whoever has it', () => {
    const partial = { has: false, bytesPerSecond: 160_000 };
    const fresh = snapshot({
      missing: [0, 1, 2],
      peers: [peer('a', { ...partial, parts: [0, 1] }), peer('b', { ...partial, parts: [1, 2] })],
    });
    expect(decide(fresh, 0).slice(0, 2)).toEqual([
      { type: 'ask-peer', peer: 'a', first: 0, count: 1 },
      { type: 'ask-peer', peer: 'b', first: 2, count: 1 },
    ]);
  });

  it('is begun at a place of its own by each of those who ask one holder', () => {
    const alone = [peer('a', { bytesPerSecond: 160_000 }), peer('b', { has: false })];
    const begins = [0, 1, 2].map((rank) => decide(snapshot({ peers: alone, rank }), 0)[0]);
    expect(begins).toMatchObject([{ first: 0 }, { first: 5 }, { first: 10 }]);
  });

  it('is waited for where a peer has begun to get it', () => {
    const begun = snapshot({ peers: [peer('a', { has: false, parts: [3] })], missing: [0] });
    expect(types(decide(begun, 0))).toEqual(['wait']);
    expect(decide({ ...begun, deadline: 550 }, 0)[0]).toMatchObject({ type: 'ask-edge', first: 0 });
  });

  it('is asked for now and then of another than the fastest', () => {
    const peers = ['a', 'b', 'c'].map((id, index) => peer(id, { bytesPerSecond: 3e6 - index * 1e6 }));
    const first = (chance: number): unknown => decide(snapshot({ peers, chance, missing: [5] }), 0)[0];
    expect([0.01, 0.04, 0.09, 0.1, 0.9].map(first)).toMatchObject(
      ['a', 'b', 'c', 'a', 'a'].map((id) => ({ type: 'ask-peer', peer: id })),
    );
  });

  it('probes a peer that never answered', () => {
    const [ask] = decide(snapshot({ peers: [peer('a', { bytesPerSecond: undefined })] }), 0);
    expect(ask).toEqual({ type: 'ask-peer', peer: 'a', first: 0, count: SCHEDULE_DEFAULTS.probeChunks });
  });

  it('leaves a busy peer alone and comes back', () => {
    expect(decide(snapshot({ peers: [peer('a', { notBefore: 150 })] }), 0)).toEqual([
      { type: 'wait', until: 150 },
    ]);
  });

  it('asks the edge when none of them can be asked any more', () => {
    const never = peer('a', { notBefore: Number.POSITIVE_INFINITY });
    expect(types(decide(snapshot({ peers: [never] }), 0))).toEqual(['ask-edge-whole', 'wait']);
  });

  it('cancels a silent flight and asks another', () => {
    const silent = snapshot({
      peers: [peer('a'), peer('b')],
      flights: [flight(7, 'a', range(0, 8)), flight(8, 'b', range(8, 16), { progressAt: 990 })],
    });
    expect(decide(silent, 1_000)[0]).toEqual({ type: 'cancel', flight: 7 });
    const idle = {
      ...silent,
      flights: [flight(7, 'a', range(0, 8)), flight(8, 'b', [15], { progressAt: 990 })],
    };
    expect(decide(idle, 1_000)[1]).toMatchObject({ type: 'ask-peer', peer: 'b', first: 0 });
  });

  it('asks the edge for what would come too late, and leaves what is coming', () => {
    const late = snapshot({
      deadline: 2_500,
      missing: range(8, 16),
      peers: [peer('a', { bytesPerSecond: 400_000 })],
      flights: [flight(1, 'a', range(8, 10), { progressAt: 1_390 })],
    });
    const [ask] = decide(late, 1_400);
    expect(ask).toEqual({ type: 'ask-edge', first: 10, count: 6 });
  });

  it('asks the edge for everything at the last call', () => {
    const late = snapshot({
      deadline: 1_500,
      missing: range(8, 16),
      peers: [peer('a')],
      flights: [flight(1, 'a', range(8, 16), { progressAt: 1_399 })],
    });
    expect(decide(late, 1_400)[0]).toEqual({ type: 'ask-edge', first: 8, count: 8 });
  });

  it('asks for a slow tail twice when another peer is much faster', () => {
    const tail = snapshot({
      missing: [14, 15],
      peers: [peer('slow', { bytesPerSecond: 50_000 }), peer('fast')],
      flights: [flight(1, 'slow', [14, 15], { progressAt: 10 })],
      deadline: 3_000,
    });
    expect(decide(tail, 20)[0]).toEqual({ type: 'ask-peer', peer: 'fast', first: 14, count: 2 });
    // There is time: it would be paid twice for nothing.
    expect(types(decide({ ...tail, deadline: 6_000 }, 20))).toEqual(['wait']);
  });

  it('turns to peers when the edge has gone silent', () => {
    const stuck = snapshot({ peers: [peer('a')], flights: [flight(1, undefined, range(0, CHUNKS))] });
    expect(types(decide(stuck, 500))).toEqual(['wait']);
    expect(decide(stuck, 1_000)[0]).toMatchObject({ type: 'ask-peer', peer: 'a' });
  });
});

describe('an edge that failed', () => {
  const failed = { bytesPerSecond: 1_000_000, roundTripMs: 30, failed: true };

  it('is replaced by peers as long as there are some', () => {
    expect(types(decide(snapshot({ edge: failed, peers: [peer('a')] }), 0))).toEqual(['ask-peer', 'wait']);
    expect(types(decide(snapshot({ edge: failed }), 0))).toEqual(['give-up']);
    expect(types(decide(snapshot({ edge: failed, known: false, missing: [] }), 0))).toEqual(['give-up']);
  });
});

it('has nothing to do when nothing is missing', () => {
  expect(decide(snapshot({ missing: [] }), 0)).toEqual([]);
});
