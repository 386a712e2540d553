import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.js';
import { KeyQueue } from './key-queue.js';
import { Slots } from './slots.js';

interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open = (): void => undefined;
  const passed = new Promise<void>((done) => {
    open = done;
  });
  return { passed, open: () => open() };
}

const settle = (): Promise<void> => new Promise((turn) => setImmediate(turn));

describe('KeyQueue', () => {
  it('keeps the order of one key, past failures, and lets others pass', async () => {
    const keys = new KeyQueue();
    const seen: string[] = [];
    const first = gate();
    const step = async (name: string): Promise<void> => void seen.push(name);
    const failing = keys.run('a', async () => {
      await first.passed;
      await step('a1');
      throw new Error('expected');
    });
    const second = keys.run('a', () => step('a2'));
    await keys.run('b', () => step('b'));
    expect([seen, keys.isBusy('a'), keys.isBusy('b')]).toEqual([['b'], true, false]);
    first.open();
    await expect(failing).rejects.toThrow('expected');
    await second;
    await keys.allIdle();
    expect([seen, keys.isBusy('a')]).toEqual([['b', 'a1', 'a2'], false]);
  });
});

describe('Slots', () => {
  it('runs so many at a time, in order, past failures', async () => {
    const slots = new Slots({ count: 2 });
    const gates = Array.from({ length: 600 }, gate);
    const started: number[] = [];
    const runs = gates.map(({ passed }, index) =>
      slots.run(async () => {
        started.push(index);
        await passed;
        if (index === 1) throw new Error('expected');
      }),
    );
    const ends = Promise.allSettled(runs);
    await settle();
    expect([started, slots.waiting]).toEqual([[0, 1], 598]);
    gates[1]?.open();
    await settle();
    expect(started).toEqual([0, 1, 2]);
    for (const { open } of gates) open();
    await ends;
    expect([started, slots.waiting]).toEqual([gates.map((_, index) => index), 0]);
  });
});

describe('BufferPool', () => {
  it('gives what came back to the next of about that size, within its bound', () => {
    const pool = new BufferPool({ idleBytes: 2_500_000 });
    const first = pool.take(1_048_976);
    expect([first.length, first.byteOffset]).toEqual([1_048_976, 0]);
    pool.giveBack(first.subarray(400));
    const again = pool.take(1_100_000);
    expect(again.buffer).toBe(first.buffer);
    expect(again.length).toBe(1_100_000);
    const others = [pool.take(1_100_000), pool.take(1_100_000), pool.take(1_100_000)];
    for (const buffer of others) pool.giveBack(buffer);
    expect(pool.idleBytes).toBeLessThanOrEqual(2_500_000);
    expect(pool.idleBytes).toBeGreaterThan(2_000_000);
  });

  it('keeps no small ones', () => {
    const pool = new BufferPool({ idleBytes: 1_000_000 });
    pool.giveBack(pool.take(1000));
    expect(pool.idleBytes).toBe(0);
  });
});
