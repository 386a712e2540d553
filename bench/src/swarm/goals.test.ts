import { describe, expect, it } from 'vitest';
import type { Turn } from '../report/report.js';
import { swarmGoals } from './goals.js';

function turn(contender: string, round: number, values: Record<string, number>): Turn {
  return { contender, round, values };
}

describe('the goals of a scenario', () => {
  it('takes the median of the rounds', () => {
    const turns = [0.2, 0.23, 0.9].map((edgePerPlayed, round) => turn('eddy', round, { edgePerPlayed }));
    expect(swarmGoals('live-10s', turns)).toEqual([
      { text: 'edge media bytes per byte played at most 0.24', measured: '0.230', met: true },
    ]);
  });

  it('sets Eddy beside plain hls.js where that had a turn', () => {
    const eddy = turn('eddy', 1, { latency: 6.8 });
    const goalsWith = (latency: number): boolean[] =>
      swarmGoals('live-1s', [eddy, turn('plain', 1, { latency })]).map(({ met }) => met);
    expect(goalsWith(6.4)).toEqual([true]);
    expect(goalsWith(6.2)).toEqual([false]);
    expect(swarmGoals('live-1s', [eddy])).toEqual([]);
  });

  it('promises nothing without Eddy', () => {
    expect(swarmGoals('live-10s', [turn('plain', 1, { offload: 0 })])).toEqual([]);
  });
});
