import { describe, expect, it } from 'vitest';
import { HeldTimers } from '../held-timers.js';
import { BodyQueue } from './body-queue.js';

const KIB = 1024;

function setUp(totalBytes?: number): { queue: BodyQueue; timers: HeldTimers; calls: string[] } {
  const calls: string[] = [];
  const source = {
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    abort: () => calls.push('abort'),
  };
  const timers = new HeldTimers();
  return { queue: new BodyQueue({ source, timers }, { totalBytes }), timers, calls };
}

async function lengths(queue: BodyQueue): Promise<number[]> {
  const read: number[] = [];
  for await (const chunk of queue) read.push(chunk.length);
  return read;
}

describe('a body on its way', () => {
  it('holds its connection back while nobody reads', async () => {
    const { queue, calls } = setUp();
    for (let count = 0; count < 3; count++) queue.push(Buffer.alloc(64 * KIB));
    expect(calls).toEqual(['pause']);
    const chunks = queue[Symbol.asyncIterator]();
    await chunks.next();
    expect(calls).toEqual(['pause']);
    await chunks.next();
    expect(calls).toEqual(['pause', 'resume']);
  });

  it('gives what came before it broke off', async () => {
    const { queue } = setUp();
    queue.push(Buffer.alloc(7));
    queue.fail(new Error('cut'));
    const chunks = queue[Symbol.asyncIterator]();
    expect((await chunks.next()).value).toHaveLength(7);
    await expect(chunks.next()).rejects.toThrow('cut');
  });

  it('gives nothing more once it is cancelled', async () => {
    const { queue } = setUp();
    queue.push(Buffer.alloc(7));
    queue.cancel(new Error('enough'));
    await expect(lengths(queue)).rejects.toThrow('enough');
  });

  it('wakes a reader that waits', async () => {
    const { queue } = setUp();
    const reading = lengths(queue);
    await Promise.resolve();
    queue.push(Buffer.alloc(3));
    queue.end();
    expect(await reading).toEqual([3]);
  });

  it('ends its connection when it is discarded, unless the rest is short', () => {
    const long = setUp(1_000_000);
    long.queue.discard();
    long.queue.discard();
    expect(long.calls).toEqual(['abort']);
    const unknown = setUp();
    unknown.queue.discard();
    expect(unknown.calls).toEqual(['abort']);

    const short = setUp(10_000);
    short.queue.push(Buffer.alloc(4000));
    short.queue.discard();
    short.queue.push(Buffer.alloc(6000));
    short.queue.end();
    short.timers.fire(1000);
    expect(short.calls).toEqual(['resume']);
  });

  it('does not wait long for a short rest, nor for more than a rest', () => {
    const slow = setUp(10_000);
    slow.queue.discard();
    slow.timers.fire(1000);
    expect(slow.calls).toEqual(['resume', 'abort']);
    const more = setUp(10_000);
    more.queue.discard();
    more.queue.push(Buffer.alloc(20_000));
    expect(more.calls).toEqual(['resume', 'abort']);
  });

  it('is over for its reader when it is discarded', async () => {
    const { queue } = setUp(1_000_000);
    const reading = lengths(queue);
    await Promise.resolve();
    queue.discard();
    await expect(reading).rejects.toMatchObject({ code: 'origin-cut' });
  });
});
