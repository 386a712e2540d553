import { expect, it } from 'vitest';
import { dueAtStep, stepsBegun } from './live-schedule.js';

const schedule = { viewers: 8, periodMs: 4000 };

it('gives each viewer a playlist and a segment in each period, half a period apart', () => {
  const all = Array.from({ length: 16 }, (_, step) => dueAtStep(schedule, step)).flat();
  for (let viewer = 0; viewer < 8; viewer++) {
    const own = all.filter((due) => due.viewer === viewer);
    const polls = own.filter(({ what }) => what === 'playlist').map(({ atMs }) => atMs);
    const fetches = own.filter(({ what }) => what === 'segment').map(({ atMs }) => atMs);
    expect(polls).toEqual([viewer * 500, viewer * 500 + 4000]);
    expect(Math.abs((polls[0] ?? 0) - (fetches[0] ?? 0))).toBe(2000);
    expect((fetches[1] ?? 0) - (fetches[0] ?? 0)).toBe(4000);
  }
});

it('begins each step at its time', () => {
  expect([-1, 0, 499, 500, 4000].map((elapsed) => stepsBegun(schedule, elapsed))).toEqual([0, 1, 1, 2, 9]);
});
