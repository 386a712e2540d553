import { describe, expect, it } from 'vitest';
import { mannerOf, SWARM_SCENARIOS, type SwarmScenario, timetable } from './scenarios.js';

const OPTIONS = { seconds: 60, clipSeconds: 50, seed: 1 };

function scenario(name: string): SwarmScenario {
  const found = SWARM_SCENARIOS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

describe('the timetable', () => {
  it('has everyone join in time and goes on for so long after the last', () => {
    const { steps, viewers, endMs } = timetable(scenario('live-10s'), OPTIONS);
    expect(viewers).toBe(8);
    expect(steps.map(({ viewer }) => viewer)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(steps.every(({ step }) => step === 'join')).toBe(true);
    expect(steps[0]?.atMs).toBe(0);
    expect(endMs).toBe(70_000);
  });

  it('is the same for a seed and another for another', () => {
    const times = (seed: number): number[] =>
      timetable(scenario('live-10s'), { ...OPTIONS, seed }).steps.map(({ atMs }) => atMs);
    expect(times(1)).toEqual(times(1));
    expect(times(1)).not.toEqual(times(2));
  });

  it.each(SWARM_SCENARIOS)('$name: who leaves is there, and as many join', (one) => {
    const { steps, viewers, endMs } = timetable(one, OPTIONS);
    const there = new Set<number>();
    for (const { viewer, step, atMs } of steps) {
      expect(atMs).toBeLessThan(endMs);
      expect(there.has(viewer)).toBe(step === 'leave');
      if (step === 'join') there.add(viewer);
      else there.delete(viewer);
    }
    expect(there.size).toBe(one.viewers);
    expect(steps.filter(({ step }) => step === 'join')).toHaveLength(viewers);
    expect(steps.some(({ step }) => step === 'leave')).toBe(one.churnSeconds !== undefined);
  });

  it('goes on to the end of a clip and a little more', () => {
    expect(timetable(scenario('vod'), OPTIONS).endMs).toBe((21 + 50 + 3) * 1000);
  });
});

describe('who misbehaves', () => {
  const mannersOf = (name: string) =>
    Array.from({ length: 8 }, (_, viewer) => mannerOf(scenario(name), viewer) ?? '');

  it('is one of eight, or half of them in turn, or nobody', () => {
    expect(mannersOf('hostile')).toEqual(['spoils', '', '', '', '', '', '', '']);
    expect(mannersOf('uncooperative').join()).toBe('withholds,,drips,,withholds,,drips,');
    expect(mannersOf('live-10s').join('')).toBe('');
  });
});
