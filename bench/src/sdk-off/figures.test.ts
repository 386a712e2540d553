import { describe, expect, it } from 'vitest';
import type { Turn } from '../report/report.js';
import { differenceOf, START, sdkOffGoals } from './figures.js';

function turnsOf(contender: string, starts: readonly number[], requests = 5): Turn[] {
  return starts.map((startMs, index) => ({
    round: index + 1,
    contender,
    values: { startMs, cpuMs: 2 * startMs, requests },
  }));
}

const plain = turnsOf('plain', [100, 110, 120, 130, 140]);

describe('a page with the SDK beside the page without', () => {
  it('differs by the median within rounds, and by how sure that is', () => {
    const turns = [...plain, ...turnsOf('off', [101, 112, 123, 134, 145])];
    const difference = differenceOf(turns, 'off', START);
    expect(difference?.median).toBe(3);
    expect(difference?.uncertainty).toBeCloseTo((1.57 * 2) / Math.sqrt(5));
    expect(differenceOf(turns.slice(0, 3), 'off', START)).toBeUndefined();
    const twice = [...turns, ...turnsOf('plain-again', [102, 112, 122, 132, 142])];
    expect(differenceOf(twice, 'off', START)?.median).toBe(2);
    expect(differenceOf(twice, 'plain-again', START)).toEqual({ median: 2, uncertainty: 0 });
  });

  it('is no slower when that is not sure, and slower when it is', () => {
    const met = (starts: readonly number[], requests?: number): (boolean | string)[] =>
      sdkOffGoals([...plain, ...turnsOf('off', starts, requests)]).map((goal) => goal.met);
    expect(met([100, 90, 140, 120, 150])).toEqual([true, true, true]);
    expect(met([110, 120, 130, 140, 150])).toEqual([false, false, true]);
    expect(met([90, 100, 110, 120, 130], 6)).toEqual([true, true, false]);
  });

  it('is judged for each page but those that are there to compare with', () => {
    const goals = sdkOffGoals([
      ...plain,
      ...turnsOf('plain-again', [1, 1, 1, 1, 1]),
      ...turnsOf('loaded', [1, 1, 1, 1, 1]),
      ...turnsOf('off', [1, 1, 1, 1, 1]),
    ]);
    expect(goals.map(({ text }) => text.split(':')[0])).toEqual(['off', 'off', 'off']);
  });
});
