import { expect, it } from 'vitest';
import { type LiveShape, lastSegmentOf, liveAnswer, livePlaylist, newestSegment } from './live-window.js';

const shape: LiveShape = { startMs: 1000, channels: 4, segmentMs: 4000, segmentBytes: 5000, window: 3 };

it('publishes a segment each four seconds, channels one second apart', () => {
  expect([1000, 4999, 5000].map((now) => newestSegment(shape, 0, now))).toEqual([0, 0, 1]);
  expect([1999, 2000, 6000].map((now) => newestSegment(shape, 1, now))).toEqual([-1, 0, 1]);
});

it('lists the newest few', () => {
  const text = livePlaylist(shape, 0, 1000 + 4000 * 9);
  expect(text).toContain('#EXT-X-MEDIA-SEQUENCE:7\n');
  expect(text.match(/\.m4s/g)).toHaveLength(3);
  expect(lastSegmentOf(text)).toBe(9);
  expect(lastSegmentOf(livePlaylist(shape, 0, 1000))).toBe(0);
  expect(lastSegmentOf('#EXTM3U\n')).toBeUndefined();
});

it('has no segment before its time, and nothing else', () => {
  expect(liveAnswer(shape, '/live/0/1.m4s', 5000)?.body).toHaveLength(5000);
  for (const target of ['/live/0/2.m4s', '/live/4/media.m3u8', '/live/0/../1.m4s', '/live/0/x.m4s'])
    expect(liveAnswer(shape, target, 5000)).toBeUndefined();
});
