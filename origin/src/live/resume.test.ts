import { describe, expect, it } from 'vitest';
import { renderMediaPlaylist } from '../package/playlist.js';
import { planStart, readEarlierRun } from './resume.js';
import { EMPTY_WINDOW, slide } from './window.js';

describe('starting again', () => {
  const text = renderMediaPlaylist({
    targetDuration: 2,
    mediaSequence: 1000,
    discontinuitySequence: 2,
    mapUri: 'init-990.mp4',
    segments: [
      { uri: '1000.m4s', seconds: 2, date: new Date(50_000) },
      { uri: '1001.m4s', seconds: 1.5, date: new Date(52_000) },
    ],
    independent: true,
    state: 'live',
  });

  it('reads where the run before stopped', () => {
    expect(readEarlierRun(text)).toEqual({ nextSequence: 1002, discontinuitySequence: 2, endMs: 53_500 });
    expect(readEarlierRun('nonsense')).toBeUndefined();
  });

  it('goes on above it, and not before its end', () => {
    const earlier = { nextSequence: 1002, discontinuitySequence: 2, endMs: 53_500 };
    expect(planStart(54_000, 6000, [earlier])).toEqual({
      firstSequence: 1002,
      discontinuitySequence: 3,
      startMs: 53_500,
    });
    expect(planStart(5_000_000, 6000, [earlier])).toEqual({
      firstSequence: 4994,
      discontinuitySequence: 3,
      startMs: 4_994_000,
    });
    expect(planStart(5_000_000, 6000, [])).toEqual({
      firstSequence: 4994,
      discontinuitySequence: 0,
      startMs: 4_994_000,
    });
  });
});

describe('a window', () => {
  it('lists the last segments and keeps those before for as long again', () => {
    let window = EMPTY_WINDOW;
    const gone: number[] = [];
    for (let sequence = 0; sequence < 20; sequence++) {
      const slid = slide(window, { uri: `${sequence}.m4s`, seconds: 2, sequence }, 4);
      window = slid.window;
      gone.push(...slid.expired.map((segment) => segment.sequence));
    }
    expect(window.listed.map(({ sequence }) => sequence)).toEqual([16, 17, 18, 19]);
    expect(gone).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
