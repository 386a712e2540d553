import { describe, expect, it } from 'vitest';
import { liveTrace } from './live.js';
import { seededRandom, zipf } from './random.js';
import { mixTraces, type Trace } from './trace.js';
import { vodTrace } from './vod.js';

const vod = (seed: number, exponent = 0.9): Trace =>
  vodTrace('vod', { titles: 30, exponent, requests: 5000, durationMs: 3_600_000, seed });
const live = (dvrShare: number): Trace =>
  liveTrace('live', {
    ...{
      channels: 5,
      exponent: 1,
      windowSegments: 30,
      dvrShare,
      requests: 5000,
      durationMs: 600_000,
      seed: 3,
    },
  });
const keyOf = ({ keys, objects }: Trace) => [...objects].map((object) => keys[object] ?? '');

describe('traces', () => {
  it('are the same for the same seed only', () => {
    expect(keyOf(vod(1))).toEqual(keyOf(vod(1)));
    expect(keyOf(vod(1))).not.toEqual(keyOf(vod(2)));
  });

  it.each([
    ['VOD', vod(1)],
    ['live', live(0.1)],
    ['both', mixTraces('mix', vod(1), live(0.1))],
  ])('%s: in order of time, about as many as wanted, sizes as bitrates say', (_, trace) => {
    const at = [...trace.atMs];
    expect(at).toEqual([...at].sort((a, b) => a - b));
    // A short trace cuts the viewers who stay.
    expect(trace.objects.length).toBeGreaterThan(1500);
    const segments = [...trace.objects].filter((object) => !trace.keys[object]?.endsWith('.m3u8'));
    const mean = segments.reduce((sum, object) => sum + (trace.bytes[object] ?? 0), 0) / segments.length;
    expect(mean).toBeGreaterThan(400_000);
    expect(mean).toBeLessThan(2_750_000);
    for (const [object, following] of trace.following.entries()) {
      if (following < 0) continue;
      const folder = (key = ''): string => key.slice(0, key.lastIndexOf('/'));
      expect(folder(trace.keys[following])).toBe(folder(trace.keys[object]));
    }
  });

  it('VOD: viewers begin at the start and most leave early', () => {
    const keys = keyOf(vod(1));
    const at = (number: number): number =>
      keys.filter((key) => key.includes(`segment-${String(number).padStart(5, '0')}`)).length;
    expect(at(0)).toBeGreaterThan(1.5 * at(60));
    expect(at(60)).toBeGreaterThan(0);
  });

  it('live: without time shift nobody asks for more than the edge of the window', () => {
    const trace = live(0);
    const place = (index: number): number =>
      Number(/segment-(\d+)/.exec(trace.keys[trace.objects[index] ?? 0] ?? '')?.[1] ?? Number.NaN);
    for (const [index, at] of trace.atMs.entries()) {
      const number = place(index);
      if (Number.isNaN(number)) continue;
      const newest = 30 + Math.floor(at / 4000);
      expect(newest - number).toBeGreaterThanOrEqual(2);
      expect(newest - number).toBeLessThanOrEqual(4);
    }
  });

  it('draws by Zipf', () => {
    const draw = zipf(100, 1);
    const random = seededRandom(1);
    const counts = new Array<number>(100).fill(0);
    for (let at = 0; at < 100_000; at++) {
      const rank = draw(random);
      counts[rank] = (counts[rank] ?? 0) + 1;
    }
    expect((counts[0] ?? 0) / (counts[9] ?? 1)).toBeGreaterThan(8);
    expect((counts[0] ?? 0) / (counts[9] ?? 1)).toBeLessThan(12.5);
  });
});
