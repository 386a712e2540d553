import { describe, expect, it } from 'vitest';
import { tableOf, trackOf } from '../testing/samples.js';
import { presentationTime } from './sample-table.js';
import { audioTimeline, videoTimeline } from './timeline.js';

const times = (samples: Parameters<typeof presentationTime>[0]): number[] =>
  Array.from({ length: samples.count }, (_, index) => presentationTime(samples, index));

/** I P B B, twice, as encoders write them: shown two frames later than decoded. */
const reordered = tableOf(
  [80, 200, 120, 160, 240, 360, 280, 320].map((pts, index) => ({ pts, duration: 40, sync: index % 4 === 0 })),
);
const sound = tableOf(
  Array.from({ length: 50 }, (_, index) => ({ pts: index * 20, duration: 20, sync: true })),
);

describe('video', () => {
  it('begins at 0 with the first picture of the edit list', () => {
    const { samples, originSeconds, mediaTime } = videoTimeline(
      trackOf(reordered, { edits: [{ duration: 320, mediaTime: 80, rate: 1 }] }),
    );
    expect(times(samples)).toEqual([0, 120, 40, 80, 160, 280, 200, 240]);
    expect(originSeconds).toBe(0);
    expect(mediaTime).toBe(80 - 40 + 40 - 40);
    expect(Math.min(...samples.compositions) + mediaTime).toBe(0);
  });

  it('begins at 0 without an edit list too, and tells sound how much later that is', () => {
    const { samples, originSeconds } = videoTimeline(trackOf(reordered));
    expect(times(samples)[0]).toBe(0);
    expect(originSeconds).toBeCloseTo(0.08);
  });

  it('begins with the keyframe before an edit that starts between keyframes', () => {
    const { samples, originSeconds } = videoTimeline(
      trackOf(reordered, { edits: [{ duration: 100, mediaTime: 300, rate: 1 }] }),
    );
    expect(samples.count).toBe(4);
    expect(times(samples)[0]).toBe(0);
    expect(originSeconds).toBeCloseTo(-0.06);
  });

  it('ends where the edit list ends', () => {
    const { samples } = videoTimeline(
      trackOf(reordered, { edits: [{ duration: 160, mediaTime: 80, rate: 1 }] }),
    );
    expect(samples.count).toBe(4);
  });

  it('drops pictures that refer to what is before the first keyframe', () => {
    const open = tableOf([
      { pts: 80, duration: 40, sync: true },
      { pts: 0, duration: 40 },
      { pts: 40, duration: 40 },
      { pts: 120, duration: 40 },
    ]);
    const { samples } = videoTimeline(trackOf(open));
    expect(times(samples)).toEqual([0, 40]);
    expect([...samples.durations]).toEqual([120, 40]);
  });

  it('refuses videos without keyframes and edit lists with several pieces', () => {
    const none = tableOf([{ pts: 0, duration: 40 }]);
    expect(() => videoTimeline(trackOf(none))).toThrow(expect.objectContaining({ code: 'no-keyframes' }));
    const pieces = [
      { duration: 40, mediaTime: 80, rate: 1 },
      { duration: 40, mediaTime: 240, rate: 1 },
    ];
    expect(() => videoTimeline(trackOf(reordered, { edits: pieces }))).toThrow(
      expect.objectContaining({ code: 'edit-list' }),
    );
  });
});

describe('sound', () => {
  it('keeps its run-in frame before 0', () => {
    const samples = audioTimeline(
      trackOf(sound, { kind: 'audio', edits: [{ duration: 1000, mediaTime: 20, rate: 1 }] }),
      0,
    );
    expect(samples?.count).toBe(50);
    expect(times(samples ?? sound).slice(0, 3)).toEqual([-20, 0, 20]);
    expect(samples?.decodeTimes[0]).toBe(0);
  });

  it('drops what is long before the first picture', () => {
    const samples = audioTimeline(trackOf(sound, { kind: 'audio' }), 0.5);
    expect(times(samples ?? sound)[0]).toBe(-100);
  });

  it('begins later when an empty edit says so', () => {
    const edits = [
      { duration: 300, mediaTime: -1, rate: 1 },
      { duration: 1000, mediaTime: 0, rate: 1 },
    ];
    const samples = audioTimeline(trackOf(sound, { kind: 'audio', edits }), 0);
    expect(times(samples ?? sound)[0]).toBe(300);
    expect(samples?.decodeTimes[0]).toBe(300);
  });
});
