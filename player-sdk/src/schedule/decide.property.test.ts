import { CHUNK_BYTES } from '@eddy/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.js';
import { edgeLatest, isEdgeTight } from './estimate.js';
import { SCHEDULE_DEFAULTS } from './options.js';
import { claimedUntil } from './patience.js';
import type { Action, Flight, PeerView, Snapshot } from './snapshot.js';

const NOW = 10_000;
const IDS = ['a', 'b', 'c', 'd'];

const peers: fc.Arbitrary<PeerView[]> = fc.tuple(
  ...IDS.map((id) =>
    fc.record({
      id: fc.constant(id),
      has: fc.boolean(),
      parts: fc.uniqueArray(fc.nat({ max: 39 }), { maxLength: 4 }),
      uploads: fc.boolean(),
      claimedAt: fc.option(fc.integer({ min: NOW - 6_000, max: NOW }), { nil: undefined }),
      bytesPerSecond: fc.option(fc.integer({ min: 1, max: 20e6 }), { nil: undefined }),
      pendingBytes: fc.nat({ max: 2e6 }),
      failures: fc.nat({ max: 4 }),
      notBefore: fc.oneof(
        fc.integer({ min: NOW - 500, max: NOW + 500 }),
        fc.constant(Number.POSITIVE_INFINITY),
      ),
    }),
  ),
);

/** Any snapshot that can come about: a chunk has at most two owners, and at most one of them is the edge. */
const snapshots: fc.Arbitrary<Snapshot> = fc
  .record({
    chunks: fc.integer({ min: 1, max: 40 }),
    durationMs: fc.integer({ min: 1_000, max: 10_000 }),
    known: fc.boolean(),
    knownAt: fc.integer({ min: NOW - 2_000, max: NOW }),
    live: fc.boolean(),
    state: fc.array(fc.constantFrom('arrived', 'free', 'edge', 'peer', 'both'), {
      minLength: 40,
      maxLength: 40,
    }),
    owners: fc.array(fc.constantFrom(...IDS), { minLength: 40, maxLength: 40 }),
    silentMs: fc.array(fc.nat({ max: 1_500 }), { minLength: 5, maxLength: 5 }),
    startedAt: fc.integer({ min: NOW - 6_000, max: NOW }),
    deadline: fc.integer({ min: NOW - 1_000, max: NOW + 8_000 }),
    startUp: fc.boolean(),
    peers,
    expectingUntil: fc.constantFrom(0, NOW + 400, NOW + 1_500),
    rank: fc.oneof(fc.nat({ max: 6 }), fc.constant(Number.POSITIVE_INFINITY)),
    chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    edgeRate: fc.option(fc.integer({ min: 1_000, max: 20e6 }), { nil: undefined }),
    failed: fc.boolean(),
  })
  .map(({ chunks, known, state, owners, silentMs, edgeRate, failed, ...rest }) => {
    const all = Array.from({ length: chunks }, (_, index) => index);
    const flight = (id: number, peer: string | undefined, owned: number[]): Flight => {
      const at = NOW - (silentMs[id] ?? 0);
      return { id, peer, chunks: owned, askedAt: at, progressAt: at };
    };
    const atEdge = all.filter((index) => state[index] === 'edge' || state[index] === 'both');
    const atPeer = (id: string): number[] =>
      all.filter((index) => owners[index] === id && (state[index] === 'peer' || state[index] === 'both'));
    const flights = [
      flight(0, undefined, atEdge),
      ...IDS.map((id, index) => flight(index + 1, id, atPeer(id))),
    ];
    return {
      ...rest,
      known,
      bytes: chunks * CHUNK_BYTES - 100,
      missing: known ? all.filter((index) => state[index] !== 'arrived') : [],
      flights: known ? flights.filter((one) => one.chunks.length > 0) : [],
      edge: { bytesPerSecond: edgeRate, roundTripMs: 30, failed },
    };
  });

function asked(actions: readonly Action[], type: 'ask-peer' | 'ask-edge', snapshot: Snapshot): number[] {
  return actions.flatMap((action) => {
    if (action.type === 'ask-edge-whole' && type === 'ask-edge') return [...snapshot.missing];
    if (action.type !== type) return [];
    return Array.from({ length: action.count }, (_, index) => action.first + index);
  });
}

/** What is under way after the cancellations. */
function remaining(actions: readonly Action[], { flights }: Snapshot): Flight[] {
  const cancelled = new Set(actions.map((action) => (action.type === 'cancel' ? action.flight : undefined)));
  return flights.filter(({ id }) => !cancelled.has(id));
}

const check = (property: (snapshot: Snapshot, actions: readonly Action[]) => void): void =>
  fc.assert(
    fc.property(snapshots, (snapshot) => property(snapshot, decide(snapshot, NOW))),
    { numRuns: 3_000, seed: 11 },
  );

describe('every decision', () => {
  it('is the same for the same snapshot', () =>
    check((snapshot, actions) => {
      expect(decide(structuredClone(snapshot), NOW)).toEqual(actions);
    }));

  it('asks only for what is missing, once', () =>
    check((snapshot, actions) => {
      const chunks = [...asked(actions, 'ask-peer', snapshot), ...asked(actions, 'ask-edge', snapshot)];
      expect(new Set(chunks).size).toBe(chunks.length);
      for (const chunk of chunks) expect(snapshot.missing).toContain(chunk);
    }));

  it('asks twice only for a short tail, for what is late, or around an edge that went silent', () =>
    check((snapshot, actions) => {
      const flights = remaining(actions, snapshot);
      const owners = (chunk: number): Flight[] => flights.filter(({ chunks }) => chunks.includes(chunk));
      for (const chunk of asked(actions, 'ask-edge', snapshot)) {
        expect(owners(chunk).filter(({ peer }) => peer === undefined)).toEqual([]);
      }
      for (const chunk of asked(actions, 'ask-peer', snapshot)) {
        const [only, ...more] = owners(chunk);
        expect(more).toEqual([]);
        if (only === undefined) continue;
        const silentEdge = only.peer === undefined && NOW - only.progressAt >= SCHEDULE_DEFAULTS.stallMs;
        expect(silentEdge || snapshot.missing.length <= SCHEDULE_DEFAULTS.endgameChunks).toBe(true);
      }
    }));

  it('asks no peer that has it not, answers nothing, or asked for patience; and no failed edge', () =>
    check((snapshot, actions) => {
      for (const action of actions) {
        if (action.type !== 'ask-peer') continue;
        const peer = snapshot.peers.find(({ id }) => id === action.peer);
        expect(peer?.uploads).toBe(true);
        for (let chunk = action.first; chunk < action.first + action.count; chunk++) {
          expect(peer?.has === true || peer?.parts.includes(chunk)).toBe(true);
        }
        expect(peer?.notBefore).toBeLessThanOrEqual(NOW);
      }
      if (snapshot.edge.failed) expect(asked(actions, 'ask-edge', snapshot)).toEqual([]);
    }));

  it('ends with a wait, or gives up, or has nothing left to do', () =>
    check((snapshot, actions) => {
      const last = actions.at(-1);
      if (snapshot.known && snapshot.missing.length === 0) expect(actions).toEqual([]);
      else if (last?.type === 'wait') {
        expect(last.until).toBeGreaterThan(NOW);
        expect(last.until).toBeLessThanOrEqual(NOW + SCHEDULE_DEFAULTS.heartbeatMs);
      } else expect(['give-up', 'ask-edge-whole']).toContain(last?.type);
    }));

  it('gives up only when the edge failed and nobody else is at work', () =>
    check((snapshot, actions) => {
      if (actions.at(-1)?.type !== 'give-up') return;
      expect(snapshot.edge.failed).toBe(true);
      expect(remaining(actions, snapshot)).toEqual([]);
    }));

  it('never waits past the time at which the edge must be asked', () =>
    check((snapshot, actions) => {
      const last = actions.at(-1);
      if (snapshot.edge.failed || snapshot.startUp || last?.type !== 'wait') return;
      if (!snapshot.known && snapshot.flights.length > 0) return;
      const covered = new Set([
        ...asked(actions, 'ask-edge', snapshot),
        ...snapshot.flights.filter(({ peer }) => peer === undefined).flatMap(({ chunks }) => chunks),
      ]);
      const open = snapshot.missing.filter((chunk) => !covered.has(chunk));
      if (snapshot.known && open.length === 0) return;
      const bytes = snapshot.known ? open.length * CHUNK_BYTES : snapshot.bytes;
      const latest = Math.max(
        edgeLatest(bytes - CHUNK_BYTES, snapshot, SCHEDULE_DEFAULTS),
        claimedUntil(snapshot, SCHEDULE_DEFAULTS),
      );
      // What is in flight and on time may be left in flight, with a look now and then.
      const promised = remaining(actions, snapshot).some(({ peer }) => peer !== undefined);
      if (!promised && asked(actions, 'ask-peer', snapshot).length === 0) {
        expect(last.until).toBeLessThanOrEqual(Math.max(NOW + 1, latest));
      }
    }));

  it('is late for no claim unless the edge is tight, and then for a bounded time', () =>
    check((snapshot) => {
      const until = claimedUntil(snapshot, SCHEDULE_DEFAULTS);
      if (!isEdgeTight(snapshot, SCHEDULE_DEFAULTS)) expect(until).toBe(0);
      expect(until).toBeLessThanOrEqual(NOW + SCHEDULE_DEFAULTS.maxClaimPatienceMs);
    }));

  it('has asked the edge for everything once the playhead is there', () =>
    check((snapshot, actions) => {
      if (snapshot.edge.failed || !snapshot.known || snapshot.deadline > NOW || snapshot.startUp) return;
      if (claimedUntil(snapshot, SCHEDULE_DEFAULTS) > NOW) return;
      const covered = new Set([
        ...asked(actions, 'ask-edge', snapshot),
        ...snapshot.flights.filter(({ peer }) => peer === undefined).flatMap(({ chunks }) => chunks),
      ]);
      for (const chunk of snapshot.missing) expect(covered).toContain(chunk);
    }));
});
