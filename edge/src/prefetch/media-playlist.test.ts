import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMediaPlaylist } from './media-playlist.js';

const playlist = (...lines: string[]): string => ['#EXTM3U', ...lines].join('\n');

describe('parseMediaPlaylist', () => {
  it('reads back whatever list of segments is written', () => {
    const place = fc.option(fc.record({ bytes: fc.nat(1e9), start: fc.nat(1e9) }), { nil: undefined });
    const segment = fc.record({
      uri: fc.stringMatching(/^[a-z0-9/._-]{1,20}$/),
      range: place,
      gap: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(segment),
        fc.nat(1e6),
        fc.boolean(),
        fc.constantFrom('\n', '\r\n'),
        (segments, mediaSequence, ended, newline) => {
          const text = [
            '#EXTM3U',
            '#EXT-X-TARGETDURATION:4',
            `#EXT-X-MEDIA-SEQUENCE:${mediaSequence}`,
            ...segments.flatMap(({ uri, range, gap }) => [
              '#EXTINF:4.000,title, with comma',
              ...(range === undefined ? [] : [`#EXT-X-BYTERANGE:${range.bytes}@${range.start}`]),
              ...(gap ? ['#EXT-X-GAP'] : []),
              '',
              '# a comment',
              uri,
            ]),
            ...(ended ? ['#EXT-X-ENDLIST'] : []),
          ].join(newline);
          expect(parseMediaPlaylist(text)).toEqual({
            ...{ mediaSequence, ended },
            segments: segments.map((read) => ({ ...read, map: undefined })),
          });
        },
      ),
    );
  });

  it('never throws, whatever it is given', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '#EXT-X-MAP:',
        '#EXT-X-MAP:URI=',
        '#EXT-X-BYTERANGE:',
        '#EXT-X-BYTERANGE:1@',
        '#EXT',
        '\uFEFF',
      ),
    );
    fc.assert(fc.property(fc.array(line), (lines) => void parseMediaPlaylist(playlist(...lines))));
  });

  it('lets ranges without a place follow the one before, of the same resource only', () => {
    const lines = ['#EXT-X-BYTERANGE:10@100', 'a.mp4', '#EXT-X-BYTERANGE:5', 'a.mp4'];
    const ranges = parseMediaPlaylist(playlist(...lines))?.segments.map(({ range }) => range);
    expect(ranges).toEqual([
      { start: 100, bytes: 10 },
      { start: 110, bytes: 5 },
    ]);
    expect(parseMediaPlaylist(playlist(...lines, '#EXT-X-BYTERANGE:5', 'b.mp4'))).toBeUndefined();
    expect(parseMediaPlaylist(playlist('#EXT-X-BYTERANGE:some', 'a.mp4'))).toBeUndefined();
  });

  it('knows which initialization each segment needs', () => {
    const text = playlist(
      'first.ts',
      '#EXT-X-MAP:BYTERANGE="700",URI="a,b.mp4"',
      '1.m4s',
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-MAP:URI="c.mp4",BYTERANGE="20@5"',
      '2.m4s',
    );
    expect(parseMediaPlaylist(text)?.segments.map(({ map }) => map)).toEqual([
      undefined,
      { uri: 'a,b.mp4', range: { start: 0, bytes: 700 } },
      { uri: 'c.mp4', range: { start: 5, bytes: 20 } },
    ]);
  });

  it.each([
    ['multivariant', playlist('#EXT-X-STREAM-INF:BANDWIDTH=1', 'v.m3u8')],
    ['a delta update', playlist('#EXT-X-SKIP:SKIPPED-SEGMENTS=3', 'v.ts')],
    ['variables', playlist('#EXT-X-DEFINE:NAME="x",VALUE="y"', '{$x}.ts')],
    ['none', 'hello'],
    ['empty', ''],
  ])('leaves alone: %s', (_, text) => expect(parseMediaPlaylist(text)).toBeUndefined());

  it('takes a byte order mark', () => {
    expect(parseMediaPlaylist(`\uFEFF${playlist('a.ts')}`)?.segments).toHaveLength(1);
  });
});
