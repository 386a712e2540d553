import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeTime, fakeTime } from '../testing/fake-time.js';
import { DrainRate } from './drain-rate.js';

describe('drain rate', () => {
  let time: FakeTime;
  let rate: DrainRate;
  const channel = { sentBytes: 0, bufferedBytes: 0 };
  const other = { sentBytes: 0, bufferedBytes: 0 };
  beforeEach(() => {
    time = fakeTime();
    rate = new DrainRate(time.clock, 1_250_000);
    for (const one of [channel, other]) Object.assign(one, { sentBytes: 0, bufferedBytes: 0 });
  });

  const look = (ms: number, leftBytes: number, bufferedBytes: number): void => {
    time.advanceSync(ms);
    channel.sentBytes += leftBytes + bufferedBytes - channel.bufferedBytes;
    channel.bufferedBytes = bufferedBytes;
    rate.observe([channel, other]);
  };

  it('finds the rate of an uplink that is never idle', () => {
    for (let looks = 0; looks < 30; looks++) look(100, 20_000, 100_000);
    expect(rate.bytesPerSecond).toBeCloseTo(200_000, -3);
    for (let looks = 0; looks < 30; looks++) look(60, 60_000, 100_000);
    expect(rate.bytesPerSecond).toBeCloseTo(1_000_000, -3);
  });

  it('adds channels up', () => {
    for (let looks = 0; looks < 30; looks++) {
      other.sentBytes += 10_000;
      look(100, 20_000, 100_000);
    }
    expect(rate.bytesPerSecond).toBeCloseTo(300_000, -3);
  });

  it('learns only of more from an uplink that was idle in between', () => {
    look(100, 0, 0);
    look(100, 20_000, 0);
    look(2_000, 20_000, 50_000);
    look(2_000, 70_000, 50_000);
    expect(rate.bytesPerSecond).toBe(1_250_000);
    look(100, 500_000, 0);
    expect(rate.bytesPerSecond).toBe(5_000_000);
  });

  it('takes silence for no slowness, and a closed channel for no speed', () => {
    for (let looks = 0; looks < 30; looks++) look(100, 0, 100_000);
    expect(rate.bytesPerSecond).toBe(1_250_000);
    time.advanceSync(100);
    rate.observe([other]);
    expect(rate.bytesPerSecond).toBe(1_250_000);
  });

  it('does not look twice within moments', () => {
    look(100, 0, 100_000);
    look(10, 1, 100_000);
    look(10, 1, 100_000);
    expect(rate.bytesPerSecond).toBe(1_250_000);
  });
});
