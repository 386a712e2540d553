import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandwidthOf } from './bandwidth.js';
import { renderMediaPlaylist, renderMultivariantPlaylist, targetDurationOf } from './playlist.js';

describe('playlists', () => {
  it('of a video that is finished', () => {
    const text = renderMediaPlaylist({
      targetDuration: 4,
      mediaSequence: 0,
      mapUri: 'init.mp4',
      segments: [
        { uri: '0.m4s', seconds: 4.004 },
        { uri: '1.m4s', seconds: 1 / 3 },
      ],
      independent: true,
      state: 'vod',
    });
    expect(text).toBe(
      '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n' +
        '#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:4.004000,\n0.m4s\n#EXTINF:0.333333,\n1.m4s\n#EXT-X-ENDLIST\n',
    );
  });

  it('name sound once and add it to every bandwidth', () => {
    const bandwidth = { peak: 1000, average: 900 };
    const text = renderMultivariantPlaylist({
      videos: [
        {
          uri: '720p/index.m3u8',
          codec: 'avc1.64001f',
          bandwidth,
          width: 1280,
          height: 720,
          frameRate: 30000 / 1001,
        },
      ],
      audio: {
        uri: 'audio/index.m3u8',
        codec: 'mp4a.40.2',
        bandwidth: { peak: 100, average: 90 },
        language: 'eng',
      },
      independent: true,
    });
    expect(text).toContain('NAME="Audio",LANGUAGE="eng",DEFAULT=YES,AUTOSELECT=YES,URI="audio/index.m3u8"');
    expect(text).toContain(
      '#EXT-X-STREAM-INF:BANDWIDTH=1100,AVERAGE-BANDWIDTH=990,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO="audio"\n720p/index.m3u8\n',
    );
  });

  it('have a target duration that no rounded segment exceeds', () => {
    expect(targetDurationOf([2.002, 2.4])).toBe(2);
    expect(targetDurationOf([0.2])).toBe(1);
  });
});

describe('bandwidth', () => {
  it('is the largest run of half to one and a half target durations', () => {
    const segments = [
      { bytes: 1000, seconds: 4 },
      { bytes: 4000, seconds: 4 },
      { bytes: 9000, seconds: 0.5 },
      { bytes: 1000, seconds: 4 },
    ];
    expect(bandwidthOf(segments, 4)).toEqual({
      peak: Math.ceil((13000 * 8) / 4.5),
      average: Math.ceil((15000 * 8) / 12.5),
    });
  });

  it('never is below the average', () => {
    const segment = fc.record({
      bytes: fc.integer({ min: 1, max: 1e7 }),
      seconds: fc.double({ min: 0.04, max: 10, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 50 }), (segments) => {
        const { peak, average } = bandwidthOf(
          segments,
          targetDurationOf(segments.map(({ seconds }) => seconds)),
        );
        expect(peak).toBeGreaterThanOrEqual(average);
      }),
    );
  });
});
