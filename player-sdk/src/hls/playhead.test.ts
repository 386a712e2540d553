import { describe, expect, it } from 'vitest';
import { latestDetails } from './player.js';
import { needOf } from './playhead.js';

type Player = Parameters<typeof needOf>[0];
type Wanted = Parameters<typeof needOf>[1];

function player(media: Partial<HTMLMediaElement>, mainSeconds: number, audioSeconds = mainSeconds): Player {
  const buffer = (len: number): NonNullable<Player['mainForwardBufferInfo']> => ({
    len,
    start: 0,
    end: len,
    bufferedIndex: 0,
  });
  return {
    // A media element cannot be made without a page.
    media: { readyState: 4, currentTime: 10, playbackRate: 1, ...media } as HTMLMediaElement,
    mainForwardBufferInfo: buffer(mainSeconds),
    audioForwardBufferInfo: buffer(audioSeconds),
  };
}

function wanted(start: number, type = 'main'): Wanted {
  return { start, type } as Wanted;
}

describe('needOf', () => {
  it('is when the playhead gets there', () => {
    expect(needOf(player({}, 6), wanted(16), 1_000)).toEqual({ deadline: 7_000, startUp: false });
    expect(needOf(player({ playbackRate: 2 }, 6), wanted(16), 0).deadline).toBe(3_000);
  });

  it('believes the buffer more than a live playlist', () => {
    expect(needOf(player({}, 2), wanted(900), 0).deadline).toBe(2_000);
    expect(needOf(player({}, 2, 5), wanted(900, 'audio'), 0).deadline).toBe(5_000);
  });

  it('is when the buffer ends although nothing of it is decoded yet', () => {
    const begun = player({ readyState: 1, currentTime: 0 }, 2, 0);
    expect(needOf(begun, wanted(902), 500)).toEqual({ deadline: 2_500, startUp: false });
    expect(needOf(begun, wanted(902, 'audio'), 500).startUp).toBe(true);
  });

  it('is now while the picture waits, or before there is one', () => {
    expect(needOf(player({ readyState: 2 }, 0), wanted(16), 500)).toEqual({ deadline: 500, startUp: true });
    expect(needOf({ ...player({}, 0), media: null }, wanted(16), 500)).toEqual({
      deadline: 500,
      startUp: true,
    });
    expect(needOf(player({}, 6), wanted(4), 500).deadline).toBe(500);
  });
});

describe('latestDetails', () => {
  it('is what hls.js says, from 1.6 on', () => {
    const details = { live: true, edge: 9 };
    expect(latestDetails({ latestLevelDetails: details, levels: [] })).toBe(details);
    expect(latestDetails({ latestLevelDetails: null, levels: [] })).toBeNull();
  });

  it('is the playlist that reaches furthest where hls.js has no word for it (1.5)', () => {
    const level = (edge: number) => ({ details: { live: true, edge, startSN: 0, fragments: [] } });
    expect(latestDetails({ levels: [{}, level(8), level(10), level(6)] })?.edge).toBe(10);
    expect(latestDetails({ levels: [{}] })).toBeNull();
  });
});
