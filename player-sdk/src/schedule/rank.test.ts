import { describe, expect, it } from 'vitest';
import { claimRank } from './rank.js';

const players = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8'];

function rankOf(self: string, sequence: number): number {
  const others = players.filter((player) => player !== self);
  return claimRank({ self, uploads: true, others, segment: { rendition: 7, sequence } });
}

describe('claimRank', () => {
  it('gives each player its own place', () => {
    for (let sequence = 0; sequence < 50; sequence++) {
      const ranks = players.map((player) => rankOf(player, sequence)).sort();
      expect(ranks).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }
  });

  it('makes everyone first about equally often', () => {
    for (const player of players) {
      let first = 0;
      for (let sequence = 0; sequence < 800; sequence++) if (rankOf(player, sequence) === 0) first++;
      expect(first).toBeGreaterThan(60);
      expect(first).toBeLessThan(140);
    }
  });

  it('is never the turn of one that answers no requests, and the last of one without a name', () => {
    const segment = { rendition: 7, sequence: 1 };
    expect(claimRank({ self: 'p1', uploads: false, others: ['p2', 'p3'], segment })).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(claimRank({ self: undefined, uploads: true, others: ['p2'], segment })).toBe(1);
    expect(claimRank({ self: 'p1', uploads: true, others: [], segment })).toBe(0);
  });
});
