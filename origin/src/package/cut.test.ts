import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableOf } from '../testing/samples.js';
import {
  audioCuts,
  chooseStarts,
  commonKeyframes,
  keyframesOf,
  planStarts,
  presentationEnd,
  videoCuts,
} from './cut.js';

/** Frames of 40 ms without reordering; keyframes where `isKey` says. */
const video = (count: number, isKey: (frame: number) => boolean) =>
  tableOf(
    Array.from({ length: count }, (_, frame) => ({ pts: frame * 40, duration: 40, sync: isKey(frame) })),
  );

const videos = fc
  .record({
    count: fc.integer({ min: 1, max: 400 }),
    keys: fc.uniqueArray(fc.integer({ min: 1, max: 399 }), { maxLength: 40 }),
  })
  .map(({ count, keys }) => video(count, (frame) => frame === 0 || keys.includes(frame)));

describe('video cuts', () => {
  it('cover every frame once, begin at keyframes, and last what they show', () => {
    fc.assert(
      fc.property(videos, fc.double({ min: 0.1, max: 10, noNaN: true }), (samples, target) => {
        const cuts = videoCuts(samples, chooseStarts(keyframesOf(samples, 1000), target, 0.04));
        expect(cuts[0]?.first).toBe(0);
        expect(cuts.at(-1)?.end).toBe(samples.count);
        for (const [index, cut] of cuts.entries()) {
          expect(samples.sync[cut.first]).toBe(1);
          expect(cut.first).toBe(cuts[index - 1]?.end ?? 0);
          expect(cut.duration).toBe((cut.end - cut.first) * 40);
        }
        expect(cuts.reduce((sum, cut) => sum + cut.duration, 0)).toBe(presentationEnd(samples));
      }),
    );
  });

  it('are no shorter than asked for, and end at the first keyframe from then on', () => {
    fc.assert(
      fc.property(videos, fc.double({ min: 0.2, max: 10, noNaN: true }), (samples, target) => {
        const keyframes = keyframesOf(samples, 1000);
        const starts = chooseStarts(keyframes, target, 0.04);
        for (const [index, start] of starts.entries()) {
          const next = starts[index + 1];
          if (next === undefined) continue;
          expect(next.seconds - start.seconds).toBeGreaterThanOrEqual(target - 0.04);
          const missed = keyframes.filter((k) => k.seconds > start.seconds && k.seconds < next.seconds);
          for (const keyframe of missed)
            expect(keyframe.seconds - start.seconds).toBeLessThan(target - 0.04 + 1e-9);
        }
      }),
    );
  });

  it('take a keyframe that is a frame early: 2.002 s groups at 29.97 fps fill 6 s targets by three', () => {
    const samples = tableOf(
      Array.from({ length: 600 }, (_, frame) => ({
        pts: frame * 1001,
        duration: 1001,
        sync: frame % 60 === 0,
      })),
    );
    expect(
      chooseStarts(keyframesOf(samples, 30000), 6.02, 1001 / 30000).map((start) => start.sample),
    ).toEqual([0, 180, 360, 540]);
  });
});

describe('keyframes', () => {
  it('are open when a later frame is shown before them', () => {
    const samples = tableOf([
      { pts: 0, duration: 40, sync: true },
      { pts: 120, duration: 40, sync: true },
      { pts: 80, duration: 40 },
      { pts: 160, duration: 40, sync: true },
    ]);
    expect(keyframesOf(samples, 1000).map(({ closed }) => closed)).toEqual([true, false, true]);
  });

  it('that several renditions share are found over timescales', () => {
    const slow = keyframesOf(
      video(200, (frame) => frame % 50 === 0),
      1000,
    );
    const fine = keyframesOf(
      tableOf(
        Array.from({ length: 200 }, (_, frame) => ({
          pts: frame * 3600,
          duration: 3600,
          sync: frame % 25 === 0,
        })),
      ),
      90_000,
    );
    expect(commonKeyframes([slow, fine]).map((row) => row.map((keyframe) => keyframe.sample))).toEqual([
      [0, 0],
      [50, 50],
      [100, 100],
      [150, 150],
    ]);
  });
});

describe('planStarts', () => {
  it('aligns renditions whose keyframes meet', () => {
    const often = keyframesOf(
      video(500, (frame) => frame % 25 === 0),
      1000,
    );
    const seldom = keyframesOf(
      video(500, (frame) => frame % 50 === 0),
      1000,
    );
    const { renditions, aligned } = planStarts([often, seldom], 3, 0.04);
    expect(aligned).toBe(true);
    expect(renditions[0]?.map((start) => start.seconds)).toEqual([0, 4, 8, 12, 16]);
    expect(renditions[1]?.map((start) => start.seconds)).toEqual([0, 4, 8, 12, 16]);
  });

  it('leaves alone those that do not, rather than make one long segment', () => {
    const a = keyframesOf(
      video(500, (frame) => frame % 50 === 0),
      1000,
    );
    const b = keyframesOf(
      video(500, (frame) => frame % 49 === 0),
      1000,
    );
    const { renditions, aligned } = planStarts([a, b], 2, 0.04);
    expect(aligned).toBe(false);
    expect(renditions[0]?.length).toBe(10);
    expect(renditions[1]?.length).toBeGreaterThan(5);
  });
});

describe('audio cuts', () => {
  it('cover every frame once and begin within a frame of the video', () => {
    const arbitrary = fc.record({
      frames: fc.integer({ min: 1, max: 2000 }),
      starts: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ frames, starts }) => {
        const samples = tableOf(
          Array.from({ length: frames }, (_, frame) => ({ pts: frame * 1024, duration: 1024, sync: true })),
        );
        const seconds = [0, ...starts.sort((a, b) => a - b)];
        const cuts = audioCuts(samples, 48_000, seconds, 4);
        expect(cuts[0]?.first).toBe(0);
        expect(cuts.at(-1)?.end).toBe(frames);
        expect(cuts.reduce((sum, cut) => sum + cut.duration, 0)).toBe(frames * 1024);
        for (const [index, cut] of cuts.entries()) {
          expect(cut.first).toBe(cuts[index - 1]?.end ?? 0);
          const begin = seconds[index];
          if (begin === undefined) continue;
          expect(cut.start / 48_000 - begin).toBeGreaterThanOrEqual(-1e-6);
          expect(cut.start / 48_000 - begin).toBeLessThan(1024 / 48_000);
        }
      }),
    );
  });
});
