import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rotation } from './rotation.js';

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
