import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseStarts, keyframesOf, videoCuts } from '../package/cut.js';
import type { PlannedTrack, Presentation } from '../package/presentation.js';
import { noSource, tableOf, trackOf } from '../testing/samples.js';
import { planLoop } from './loop.js';

/** A video of `count` frames of 40 ms, keyframes each `gop`, and sound of `frames` times 1024 at 44.1 kHz. */
function presentation(count: number, gop: number, frames: number): Presentation & { audio: PlannedTrack } {
  const picture = tableOf(
    Array.from({ length: count }, (_, frame) => ({ pts: frame * 40, duration: 40, sync: frame % gop === 0 })),
  );
  const sound = tableOf(
    Array.from({ length: frames }, (_, frame) => ({ pts: frame * 1024, duration: 1024, sync: true })),
  );
  const planned = { source: noSource, mediaTime: 0, independent: true };
  const video: PlannedTrack = {
    ...planned,
    label: '180p',
    track: trackOf(picture),
    samples: picture,
    cuts: videoCuts(picture, chooseStarts(keyframesOf(picture, 1000), 2, 0.04)),
  };
  const audio: PlannedTrack = {
    ...planned,
    label: 'audio',
    track: trackOf(sound, { kind: 'audio', timescale: 44_100 }),
    samples: sound,
    cuts: [],
  };
  return { videos: [video], audio, aligned: true, seconds: count / 25 };
}

const shapes = fc.record({
  count: fc.integer({ min: 10, max: 300 }),
  gop: fc.integer({ min: 5, max: 60 }),
  frames: fc.integer({ min: 1, max: 600 }),
  base: fc.integer({ min: 0, max: 60_000_000 }),
});

describe('an endless time line', () => {
  it('has no gap and no overlap, in picture and sound, over any number of loops', () => {
    fc.assert(
      fc.property(shapes, ({ count, gop, frames, base }) => {
        const film = presentation(count, gop, frames);
        const loop = planLoop(film, base / 1000);
        for (const track of [...film.videos, film.audio]) {
          let expected: number | undefined;
          for (let n = 0; n < 3 * loop.segmentsPerLoop; n++) {
            const { samples, cut, shift } = loop.segment(track, n);
            for (let sample = cut.first; sample < cut.end; sample++) {
              const time = (samples.decodeTimes[sample] ?? 0) + shift;
              if (expected !== undefined) expect(time).toBe(expected);
              expected = time + (samples.durations[sample] ?? 0);
            }
          }
        }
      }),
    );
  });

  it('keeps sound within a frame of the picture for hours', () => {
    const film = presentation(176, 50, 305);
    const loop = planLoop(film, 12.345);
    for (const n of [0, 1, 4, 4 * 1000, 4 * 1000 + 3]) {
      const { samples, delaySeconds } = loop.segment(film.audio, n);
      const begin = (samples.decodeTimes[0] ?? 0) / 44_100 - 12.345;
      expect(delaySeconds).toBeGreaterThanOrEqual(-1e-6);
      expect(delaySeconds).toBeLessThan(1024 / 44_100);
      expect(begin).toBeCloseTo(loop.startOf(n) + delaySeconds, 6);
    }
    expect(loop.startOf(4 * 1000)).toBeCloseTo(7040, 6);
  });

  it('begins short sound again within the loop', () => {
    const film = presentation(100, 50, 10);
    const loop = planLoop(film, 0);
    const { samples, cut } = loop.segment(film.audio, 0);
    expect(cut.end).toBeGreaterThan(80);
    expect([...samples.offsets.slice(9, 12)]).toEqual([900, 0, 100]);
  });

  it('refuses renditions without common keyframes', () => {
    expect(() => planLoop({ ...presentation(100, 50, 10), aligned: false }, 0)).toThrow(
      expect.objectContaining({ code: 'not-aligned' }),
    );
  });
});
