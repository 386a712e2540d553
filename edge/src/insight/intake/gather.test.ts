import { expect, it } from 'vitest';
import { HeldTimers } from '../../held-timers.js';
import { type Gathering, gather } from './gather.js';
import type { Sender } from './receive.js';

const SENDER: Sender = {
  ...{ address: undefined, userAgent: undefined },
  door: { site: 'main', host: undefined },
};

function setUp(most: number): { timers: HeldTimers; read: string[]; gathering: Gathering } {
  const timers = new HeldTimers();
  const read: string[] = [];
  const gathering = gather(
    async (body) => {
      read.push(body);
      if (body === 'bad') throw new Error('no beacon');
      return { status: 204 };
    },
    { timers },
    { everyMs: 200, most },
  );
  return { timers, read, gathering };
}

it('reads together what came within a moment, in order', async () => {
  const { timers, read, gathering } = setUp(10);
  const answers = ['a', 'b', 'c'].map((body) => gathering.receive(body, SENDER));
  expect(read).toEqual([]);
  timers.fire(200);
  expect(read).toEqual(['a', 'b', 'c']);
  expect(await Promise.all(answers)).toEqual([{ status: 204 }, { status: 204 }, { status: 204 }]);
  const later = gathering.receive('d', SENDER);
  timers.fire(200);
  expect([await later, read.at(-1)]).toEqual([{ status: 204 }, 'd']);
});

it('reads at once when many wait, and then waits again for the whole time', () => {
  const { timers, read, gathering } = setUp(2);
  for (const body of ['a', 'b', 'c']) void gathering.receive(body, SENDER);
  expect(read).toEqual(['a', 'b']);
  timers.fire(200);
  expect(read).toEqual(['a', 'b', 'c']);
});

it('hands each its own failure', async () => {
  const { timers, gathering } = setUp(10);
  const answers = ['bad', 'a'].map((body) => gathering.receive(body, SENDER));
  timers.fire(200);
  await expect(answers[0]).rejects.toThrow('no beacon');
  expect(await answers[1]).toEqual({ status: 204 });
});

it('reads what waits when it closes, and what comes later as it comes', () => {
  const { read, gathering } = setUp(10);
  void gathering.receive('a', SENDER);
  gathering.close();
  expect(read).toEqual(['a']);
  void gathering.receive('b', SENDER);
  expect(read).toEqual(['a', 'b']);
});
