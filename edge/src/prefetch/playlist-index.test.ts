import { describe, expect, it } from 'vitest';
import { PlaylistIndex } from './playlist-index.js';

const body = (...lines: string[]): Buffer => Buffer.from(['#EXTM3U', ...lines].join('\n'));
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `${from + at}.ts`);

describe('PlaylistIndex', () => {
  it('tells where a segment stands', () => {
    const index = new PlaylistIndex({ maxSegments: 100 });
    index.store('/v/a.m3u8', body('1.ts', 'https://elsewhere.example/2.ts', '3.ts'));
    const third = index.find('/v/3.ts');
    expect(third?.position).toBe(2);
    expect(third?.playlist.segments.map((segment) => segment?.target.path)).toEqual([
      '/v/1.ts',
      undefined,
      '/v/3.ts',
    ]);
    expect([index.find('/v/2.ts'), index.size]).toEqual([undefined, 2]);
  });

  it('tells ranges of one file apart, and takes a range of a whole segment for it', () => {
    const index = new PlaylistIndex({ maxSegments: 100 });
    index.store(
      '/v/a.m3u8',
      body('#EXT-X-BYTERANGE:10@0', 'all.mp4', '#EXT-X-BYTERANGE:20', 'all.mp4', '3.ts'),
    );
    expect(index.find('/v/all.mp4', 10)?.target.range).toEqual({ start: 10, bytes: 20 });
    expect(index.find('/v/all.mp4', 5)).toBeUndefined();
    expect(index.find('/v/3.ts', 65_536)?.position).toBe(2);
  });

  it('moves on with a live window, and remembers what was asked for', () => {
    const index = new PlaylistIndex({ maxSegments: 100 });
    index.store('/v/a.m3u8', body(...numbered(1, 5)));
    const fifth = index.find('/v/5.ts');
    if (fifth === undefined) throw new Error('not indexed');
    fifth.requestedAtMs = 7;
    fifth.playlist.segmentBytes = 1000;
    index.store('/v/a.m3u8', body(...numbered(4, 8)));
    expect(index.find('/v/5.ts')).toMatchObject({ position: 1, requestedAtMs: 7 });
    expect([index.find('/v/3.ts'), index.size]).toEqual([undefined, 5]);
    expect(index.find('/v/8.ts')?.playlist.segmentBytes).toBe(1000);
  });

  it('forgets the longest unused playlist, but not what another one names too', () => {
    const index = new PlaylistIndex({ maxSegments: 10 });
    index.store('/v/a.m3u8', body(...numbered(1, 4)));
    index.store('/v/b.m3u8', body(...numbered(4, 8)));
    const used = index.find('/v/1.ts');
    if (used === undefined) throw new Error('not indexed');
    index.touch(used);
    index.store('/v/c.m3u8', body('9.ts', '8.ts'));
    expect([index.find('/v/5.ts'), index.find('/v/1.ts')?.position, index.find('/v/8.ts')?.position]).toEqual(
      [undefined, 0, 1],
    );
    expect(index.size).toBe(5);
  });

  it('keeps nothing of a playlist that is too long, or became none', () => {
    const index = new PlaylistIndex({ maxSegments: 10 });
    index.store('/v/a.m3u8', body(...numbered(1, 11)));
    expect(index.size).toBe(0);
    index.store('/v/a.m3u8', body(...numbered(1, 10)));
    expect(index.size).toBe(10);
    index.store('/v/a.m3u8', Buffer.from('<html>'));
    expect(index.size).toBe(0);
  });
});
