import fc from 'fast-check';
import { expect, it } from 'vitest';
import { balanced, rotation } from './rotation.js';

it('starts each round one contender later', () => {
  expect(rotation(['A', 'B', 'C'], 4).map((round) => round.join(''))).toEqual(['ABC', 'BCA', 'CAB', 'ABC']);
  expect(rotation([], 2)).toEqual([[], []]);
});

it('gives each contender one turn a round, and each place equally often over full cycles', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 3 }), (count, cycles) => {
      const names = Array.from({ length: count }, (_, index) => index);
      const rounds = rotation(names, count * cycles);
      for (const round of rounds) expect([...round].sort()).toEqual(names);
      for (const place of names) {
        for (const name of names)
          expect(rounds.filter((round) => round[place] === name)).toHaveLength(cycles);
      }
    }),
  );
});

it.each([2, 3, 5, 6])(
  'in balance, %d have every place, and everyone else before them, equally often',
  (count) => {
    const names = Array.from({ length: count }, (_, index) => index);
    const rounds = count % 2 === 0 ? count : 2 * count;
    const orders = balanced(names, rounds);
    for (const order of orders) expect([...order].sort()).toEqual(names);
    for (const place of names) {
      const had = names.map((name) => orders.filter((order) => order[place] === name).length);
      expect(new Set(had)).toEqual(new Set([rounds / count]));
    }
    const pairs = orders.flatMap((order) => order.slice(1).map((name, index) => `${order[index]}-${name}`));
    const often = new Map<string, number>();
    for (const pair of pairs) often.set(pair, (often.get(pair) ?? 0) + 1);
    expect(often.size).toBe(count * (count - 1));
    expect(new Set(often.values())).toEqual(new Set([rounds / count]));
  },
);
