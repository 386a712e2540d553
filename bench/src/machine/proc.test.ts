import { expect, it } from 'vitest';
import { parseMachineTime, parseProcessStat, treeOf } from './proc.js';

const tail = '0 -1 4194560 9 8 0 0 250 50 30 20 20 0 1 0 55 1000 2000';

it('reads times out of /proc/PID/stat, whatever the name of the process', () => {
  for (const name of ['node', 'a b', 'odd) S 9 9 (name']) {
    expect(parseProcessStat(`42 (${name}) S 7 42 42 ${tail}`)).toEqual({
      pid: 42,
      parent: 7,
      ownSeconds: 3,
      endedChildrenSeconds: 0.5,
    });
  }
});

it('says undefined for what is not a stat line', () => {
  for (const text of ['', 'no', '42 (node) S', 'x (y) S 1 2 3'])
    expect(parseProcessStat(text)).toBeUndefined();
});

it('adds up a tree of any depth and leaves the neighbours out', () => {
  const process = (pid: number, parent: number) => ({ pid, parent, ownSeconds: 1, endedChildrenSeconds: 0 });
  const all = [
    process(1, 0),
    process(13, 12),
    process(10, 1),
    process(11, 10),
    process(12, 10),
    process(20, 1),
  ];
  expect(
    treeOf(10, all)
      .map(({ pid }) => pid)
      .sort(),
  ).toEqual([10, 11, 12, 13]);
  expect(treeOf(99, all)).toEqual([]);
});

it('keeps stolen time apart from busy time', () => {
  expect(parseMachineTime('cpu  100 10 200 9000 50 5 15 70 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n')).toEqual({
    busySeconds: 3.3,
    stolenSeconds: 0.7,
  });
});
