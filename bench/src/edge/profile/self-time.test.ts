import { expect, it } from 'vitest';
import { type CpuProfile, selfTimes, selfTimeTable } from './self-time.js';

const frame = (id: number, functionName: string, url = '', lineNumber = -1) => ({
  id,
  callFrame: { functionName, url, lineNumber },
});
const profile: CpuProfile = {
  nodes: [
    frame(1, '(root)'),
    frame(2, '(idle)'),
    frame(3, 'serve', 'file:///somewhere/edge/dist/http/hit.js', 9),
    frame(4, 'serve', 'file:///somewhere/edge/dist/http/hit.js', 9),
    frame(5, 'writev'),
    frame(6, '(garbage collector)'),
  ],
  samples: [3, 2, 4, 5, 6, 2],
  timeDeltas: [50, 1000, 5000, 2000, 6000, 1000],
  startTime: 1_000_000,
};

it('adds up a function wherever it was called from, and leaves idle time out', () => {
  const { busyMs, functions } = selfTimes(profile);
  expect(busyMs).toBe(10);
  expect(functions).toEqual([
    { name: 'writev', where: '', milliseconds: 6, share: 0.6 },
    { name: 'serve', where: 'edge/dist/http/hit.js:10', milliseconds: 3, share: 0.3 },
    { name: '(garbage collector)', where: '', milliseconds: 1, share: 0.1 },
  ]);
});

it('looks at a part of the time only', () => {
  const { functions } = selfTimes(profile, [1_000_100, 1_009_000]);
  expect(functions.map(({ name }) => name)).toEqual(['writev', 'serve']);
  expect(selfTimes(profile, [0, 999_999]).functions).toEqual([]);
});

it('shows the first few', () => {
  const table = selfTimeTable(profile, 1);
  expect(table).toContain('| 60.0% | 6 ms | `writev` |  |');
  expect(table).not.toContain('serve');
});
