import { beforeAll, describe, expect, it } from 'vitest';
import { playRows } from '../nat/play-rows.js';
import type { NatRowResult } from '../nat/result.js';
import { SHORT_ROWS } from '../nat/rows.js';

/** Compiled: each part of it is a process of its own. */
const CLIENT = new URL('../../dist/nat/nat-client.js', import.meta.url);

let results: ReadonlyMap<string, NatRowResult>;

function resultOf(name: string): NatRowResult {
  const result = results.get(name);
  if (result === undefined) throw new Error(`${name} was not played`);
  return result;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

// All at the same time: each row has homes, viewers and a stream of its own.
beforeAll(async () => {
  const played = await playRows(
    { rows: SHORT_ROWS, atOnce: SHORT_ROWS.length, leastSeconds: 6 },
    { client: CLIENT },
  );
  results = new Map(played.map((result) => [result.row.name, result]));
  for (const { row, viewers, turnServerBytes } of played) {
    const pairs = viewers.map((viewer) => viewer.pairs.join(' ') || 'no channel');
    console.info(
      `${row.name}: ${pairs.join(', ')}; ${sum(viewers.map(({ peerBytes }) => peerBytes))} bytes from each other, ` +
        `${sum(viewers.map(({ relayedBytes }) => relayedBytes))} relayed, ${turnServerBytes} by coturn's own count`,
    );
  }
});

describe('two viewers behind routers of their own', () => {
  it.each(SHORT_ROWS.map(({ name }) => name))('%s: play every byte right, without a stall', (name) => {
    for (const viewer of resultOf(name).viewers) {
      expect(viewer).toMatchObject({ stalls: 0, wrongSegments: 0, problems: [], blamedPeers: 0 });
      expect(viewer.playedBytes).toBeGreaterThan(0);
    }
  });

  it('share through the holes that STUN tells them of, where ports stay the same', () => {
    const { viewers, figures } = resultOf('cone');
    expect(sum(viewers.map(({ peerBytes }) => peerBytes))).toBeGreaterThan(0);
    for (const { pairs, relayedBytes, heardKinds } of viewers) {
      expect(heardKinds).toContain('srflx');
      expect(pairs.length).toBeGreaterThan(0);
      expect(pairs.join()).not.toContain('relay');
      expect(relayedBytes).toBe(0);
    }
    expect(figures.turnBytes).toBe(0);
  });

  it('play from the edge alone where every address is given another port', () => {
    for (const viewer of resultOf('symmetric').viewers) {
      expect(viewer).toMatchObject({ opened: 0, peers: 0, peerBytes: 0, uploadedBytes: 0, pairs: [] });
      // They met, told each other where they are, and tried.
      expect(viewer.heardKinds).toContain('srflx');
      expect(viewer.failed).toBeGreaterThan(0);
      expect(viewer.edgeBytes).toBe(viewer.playedBytes);
    }
  });

  it.each(['symmetric-turn', 'cone-relay-only'])('%s: share through the relay, counted apart', (name) => {
    const { viewers, figures, turnServerBytes } = resultOf(name);
    const [peerBytes, relayedBytes] = (['peerBytes', 'relayedBytes'] as const).map((key) =>
      sum(viewers.map((viewer) => viewer[key])),
    ) as [number, number];
    expect(peerBytes).toBeGreaterThan(0);
    for (const { pairs, uploadedBytes, relayedBytes } of viewers) {
      expect(pairs.length).toBeGreaterThan(0);
      for (const pair of pairs) expect(pair).toContain('relay');
      expect(relayedBytes).toBeGreaterThanOrEqual(uploadedBytes);
    }
    // Each byte leaves one and comes to the other: what peers gave is in it twice, and a little of their talk.
    expect(relayedBytes).toBeGreaterThanOrEqual(2 * peerBytes);
    // The edge's figures say what both reported at their end …
    expect(figures.peerBytes).toBe(peerBytes);
    expect(figures.turnBytes).toBeGreaterThanOrEqual(relayedBytes);
    expect(figures.turnBytes).toBeLessThan(1.05 * relayedBytes);
    // … and coturn, which counts whole packets, says no less.
    expect(turnServerBytes).toBeGreaterThan(figures.turnBytes);
  });

  it('relayOnly: the other side hears of the relay, and of no address of the viewer', () => {
    const { viewers, addresses } = resultOf('cone-relay-only');
    expect(viewers.map(({ heardKinds }) => heardKinds)).toEqual([['relay'], ['relay']]);
    const heard = viewers.flatMap(({ heardAddresses }) => heardAddresses);
    for (const address of addresses.flat()) expect(heard).not.toContain(address);
    // Without the option they do.
    const open = resultOf('cone');
    expect(open.viewers[0]?.heardAddresses).toEqual(expect.arrayContaining([...(open.addresses[1] ?? [])]));
  });
});
