import { describe, expect, it } from 'vitest';
import { Renditions } from './renditions.js';

const PLAYLIST = 'https://a.example/live/v.m3u8';

function window(first: number, count: number): string {
  const segments = Array.from({ length: count }, (_, index) => `#EXTINF:2,\n${first + index}.ts`);
  return ['#EXTM3U', `#EXT-X-MEDIA-SEQUENCE:${first}`, ...segments].join('\n');
}

const at = (startSeconds: number) => ({ startSeconds, type: 'main' as const });

describe('Renditions', () => {
  it('finds a segment that a playlist named, by path, and forgets it when it has left', () => {
    const renditions = new Renditions();
    renditions.read(window(5, 3), PLAYLIST);
    expect(renditions.find('https://b.example/live/6.ts?t=1', [], at(11))).toMatchObject({
      sn: 6,
      start: 11,
      baseurl: PLAYLIST,
      level: 0,
    });
    renditions.read(window(7, 3), PLAYLIST);
    expect(renditions.find('https://a.example/live/6.ts', [], at(11))).toBeUndefined();
    expect(renditions.find('https://a.example/live/9.ts', [], at(17))?.sn).toBe(9);
    expect(renditions.find('https://a.example/live/9.ts', [0, 5], at(17))).toBeUndefined();
  });

  it('knows where the newest segment ends, in the time of the player', () => {
    const renditions = new Renditions();
    renditions.read(window(5, 3), PLAYLIST);
    expect(renditions.edgeSeconds).toBeUndefined();
    renditions.find('https://a.example/live/6.ts', [], at(100));
    expect(renditions.edgeSeconds).toBe(104);
    renditions.read(window(6, 3), PLAYLIST);
    expect(renditions.edgeSeconds).toBe(106);
    expect(renditions.live).toBe(true);
  });

  it('keeps what a delta update skips', () => {
    const renditions = new Renditions();
    renditions.read(window(5, 4), PLAYLIST);
    const delta = '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:6\n#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n#EXTINF:2,\n9.ts';
    const details = renditions.read(delta, PLAYLIST);
    expect(details?.startSN).toBe(6);
    expect(details?.fragments.map(({ sn }) => sn)).toEqual([6, 7, 8, 9]);
    expect(renditions.find('https://a.example/live/7.ts', [], at(0))?.sn).toBe(7);
  });

  it('has one rendition a playlist path', () => {
    const renditions = new Renditions();
    renditions.read(window(5, 3), PLAYLIST);
    renditions.read(window(5, 3), `${PLAYLIST}?_HLS_msn=8`);
    renditions.read(window(5, 3), 'https://a.example/live/w.m3u8');
    expect(renditions.all).toHaveLength(2);
    expect(renditions.read('<MPD/>', PLAYLIST)).toBeUndefined();
  });
});
