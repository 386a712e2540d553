import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../engine/virtual-time.js';
import { Downlink } from './downlink.js';
import { FairLink } from './fair-link.js';

describe('FairLink', () => {
  it('gives busy channels equal shares, byte by byte', async () => {
    const time = new VirtualTime();
    const begun = time.clock.now();
    const link = new FairLink(time, 1_000);
    const left: [string, number][] = [];
    const [one, other] = [link.channel(), link.channel()];
    const note = (name: string) => (): unknown => left.push([name, Math.round(time.clock.now() - begun)]);
    one.send(300, note('one'));
    other.send(100, note('other'));
    await time.run(begun + 100);
    expect(one.queuedBytes).toBeCloseTo(250);
    await time.run(begun + 1_000);
    // 100 of each in the first 200 ms, then the rest alone.
    expect(left).toEqual([
      ['other', 200],
      ['one', 400],
    ]);
  });

  it('keeps the order within a channel, loses nothing and is never faster or lazier than its rate', async () => {
    const sends = fc.array(
      fc.record({
        channel: fc.nat({ max: 4 }),
        bytes: fc.integer({ min: 1, max: 5_000 }),
        atMs: fc.nat({ max: 400 }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(sends, async (given) => {
        const time = new VirtualTime();
        const begun = time.clock.now();
        const rate = 50_000;
        const link = new FairLink(time, rate);
        const channels = Array.from({ length: 5 }, () => link.channel());
        const sent: number[][] = channels.map(() => []);
        const left: number[][] = channels.map(() => []);
        let lastLeftAt = 0;
        for (const [index, { channel, bytes, atMs }] of given.entries()) {
          time.timers.after(atMs, () => {
            sent[channel]?.push(index);
            channels[channel]?.send(bytes, () => {
              left[channel]?.push(index);
              lastLeftAt = time.clock.now() - begun;
            });
          });
        }
        await time.run(begun + 60_000);
        expect(left).toEqual(sent);
        const total = given.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(link.leftBytes).toBe(total);
        // One server that is never idle while something waits is done when any other such one is.
        expect(lastLeftAt).toBeCloseTo(endOfQueue(given, rate), 3);
      }),
      { numRuns: 100 },
    );
  });

  it('gives the share of a cleared channel to the others', async () => {
    const time = new VirtualTime();
    const begun = time.clock.now();
    const link = new FairLink(time, 1_000);
    const [one, other] = [link.channel(), link.channel()];
    let leftAt = 0;
    one.send(1_000, () => expect.unreachable());
    other.send(300, () => {
      leftAt = time.clock.now() - begun;
    });
    time.timers.after(200, () => one.clear());
    await time.run(begun + 10_000);
    expect(one.idle).toBe(true);
    expect(one.queuedBytes).toBe(0);
    expect(leftAt).toBeCloseTo(400);
    expect(link.leftBytes).toBe(300);
  });
});

describe('Downlink', () => {
  it('adds nothing to what flowed in slowly, and queues what comes together', () => {
    const downlink = new Downlink(1_000);
    expect(downlink.through(100, 500)).toBe(500);
    expect(downlink.through(100, 500)).toBe(600);
    expect(downlink.through(100, 550)).toBe(700);
    expect(downlink.through(100, 1_000)).toBe(1_000);
  });
});

function endOfQueue(given: readonly { bytes: number; atMs: number }[], bytesPerSecond: number): number {
  let freeAt = 0;
  for (const { bytes, atMs } of [...given].sort((a, b) => a.atMs - b.atMs)) {
    freeAt = Math.max(freeAt, atMs) + (bytes * 1_000) / bytesPerSecond;
  }
  return freeAt;
}
