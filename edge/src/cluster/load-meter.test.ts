import { expect, it } from 'vitest';
import { LoadMeter } from './load-meter.js';

it('follows what is sent within seconds, and forgets it when nothing is', () => {
  const meter = new LoadMeter({ bytes: 1000, nowMs: 0, overMs: 3000 });
  let bytes = 1000;
  let atMs = 0;
  const run = (seconds: number, perSecond: number): number => {
    let read = 0;
    for (let second = 0; second < seconds; second++) {
      bytes += perSecond;
      atMs += 1000;
      read = meter.read(bytes, atMs);
    }
    return read;
  };
  expect(meter.read(bytes, 0)).toBe(0);
  const soon = run(3, 1_000_000);
  expect(soon).toBeGreaterThan(500_000);
  expect(run(20, 1_000_000)).toBeGreaterThan(990_000);
  expect(run(20, 0)).toBeLessThan(2000);
});
