import { describe, expect, it } from 'vitest';
import { readMediaPlaylist, segmentKey } from './media-playlist.js';

const URL_ = 'https://a.example/film/v/index.m3u8?token=1';

function read(...lines: string[]): ReturnType<typeof readMediaPlaylist> {
  return readMediaPlaylist(['#EXTM3U', ...lines].join('\n'), URL_);
}

describe('readMediaPlaylist', () => {
  it('numbers segments from the media sequence on, and resolves their addresses', () => {
    const playlist = read(
      '#EXT-X-MEDIA-SEQUENCE:7',
      '#EXTINF:2.5,',
      'a.m4s',
      '#EXTINF:2,title',
      '../b.m4s?x=1',
    );
    expect(playlist).toEqual({
      url: URL_,
      live: true,
      firstSequence: 7,
      segments: [
        { url: 'https://a.example/film/v/a.m4s', byteRange: [], sequence: 7, durationSeconds: 2.5 },
        { url: 'https://a.example/film/b.m4s?x=1', byteRange: [], sequence: 8, durationSeconds: 2 },
      ],
    });
  });

  it('is over when the playlist says so, and reads CRLF', () => {
    const text = '#EXTM3U\r\n#EXTINF:2,\r\na.ts\r\n#EXT-X-ENDLIST\r\n';
    expect(readMediaPlaylist(text, URL_)).toMatchObject({ live: false, segments: [{ sequence: 0 }] });
  });

  it('goes on where the byte range before ended, in the same resource only', () => {
    const lines = [
      '#EXT-X-BYTERANGE:10@5',
      'all.ts',
      '#EXT-X-BYTERANGE:20',
      'all.ts',
      '#EXT-X-BYTERANGE:4',
      'b.ts',
    ];
    const playlist = read(
      ...lines.flatMap((line, index) => (index % 2 === 0 ? ['#EXTINF:1,', line] : [line])),
    );
    expect(playlist?.segments.map(({ byteRange }) => byteRange)).toEqual([
      [5, 15],
      [15, 35],
      [0, 4],
    ]);
  });

  it('counts what a delta update skips', () => {
    const playlist = read(
      '#EXT-X-MEDIA-SEQUENCE:100',
      '#EXT-X-SKIP:SKIPPED-SEGMENTS=3',
      '#EXTINF:2,',
      'd.ts',
    );
    expect(playlist).toMatchObject({ firstSequence: 100, segments: [{ sequence: 103 }] });
  });

  it('is none: a multivariant playlist, something else, and it names no address with a variable', () => {
    expect(read('#EXT-X-STREAM-INF:BANDWIDTH=1', 'v.m3u8')).toBeUndefined();
    expect(readMediaPlaylist('<MPD/>', URL_)).toBeUndefined();
    expect(read('#EXTINF:2,', '{$base}/a.ts')).toBeUndefined();
  });

  it('keys are the same for every host, token and query', () => {
    const key = segmentKey('https://a.example/film/a.ts?x=1', [1, 2]);
    expect(segmentKey('http://b.example/~h.p.s/film/a.ts', [1, 2])).toBe(key);
    expect(segmentKey('https://a.example/film/a.ts', [])).not.toBe(key);
  });
});
