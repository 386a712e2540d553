import { describe, expect, it } from 'vitest';
import { VirtualTime } from './virtual-time.js';

describe('VirtualTime', () => {
  it('runs what is due in order, ties as they were set, and ends where it was told', async () => {
    const time = new VirtualTime();
    const begun = time.clock.now();
    const ran: string[] = [];
    time.timers.after(20, () => ran.push(`late at ${time.clock.now() - begun}`));
    time.timers.after(10, () => ran.push('first'));
    time.timers.after(10, () => ran.push('second'));
    time.timers.after(10, () => time.timers.after(0, () => ran.push('third')));
    time.timers.after(31, () => ran.push('too late'));
    await time.run(begun + 30);
    expect(ran).toEqual(['first', 'second', 'third', 'late at 20']);
    expect(time.clock.now() - begun).toBe(30);
  });

  it('lets promises settle between two events of one moment, however long their chain', async () => {
    const time = new VirtualTime();
    const ran: string[] = [];
    time.timers.after(5, () => {
      void (async () => {
        for (let turn = 0; turn < 1_000; turn++) await Promise.resolve();
        ran.push('settled');
      })();
    });
    time.timers.after(5, () => ran.push('next'));
    await time.run(time.clock.now() + 5);
    expect(ran).toEqual(['settled', 'next']);
  });

  it('runs nothing that was cancelled, and keeps its order among many', async () => {
    const time = new VirtualTime();
    const begun = time.clock.now();
    const ran: number[] = [];
    for (let index = 0; index < 500; index++) {
      const ms = (index * 7919) % 500;
      const cancel = time.timers.after(ms, () => ran.push(time.clock.now() - begun));
      if (ms % 3 === 0) cancel();
    }
    await time.run(begun + 1_000);
    expect(ran).toEqual(Array.from({ length: 500 }, (_, ms) => ms).filter((ms) => ms % 3 !== 0));
    expect(time.events).toBe(ran.length);
  });

  it('rejects with what an event throws, and with the reason of an abort', async () => {
    const time = new VirtualTime();
    time.timers.after(1, () => {
      throw new Error('broken');
    });
    await expect(time.run(time.clock.now() + 10)).rejects.toThrow('broken');
    const controller = new AbortController();
    time.timers.after(1, () => controller.abort(new Error('enough')));
    time.timers.after(2, () => {});
    await expect(time.run(time.clock.now() + 10, controller.signal)).rejects.toThrow('enough');
  });
});
