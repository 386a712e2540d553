import { expect, it } from 'vitest';
import { survivorsOf } from './survivors.js';

it('counts apart what was finished just before the kill and what long before', () => {
  const whole = [
    [0, 1000],
    [1, 2000],
    [2, 2900],
    [3, 3001],
  ] as const;
  expect(survivorsOf(whole, { killedMs: 3000, settleMs: 1000 }, (index) => index !== 2)).toEqual({
    settled: 2,
    settledHits: 2,
    finished: 3,
    finishedHits: 2,
  });
});
