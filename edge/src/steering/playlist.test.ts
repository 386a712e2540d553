import { describe, expect, it } from 'vitest';
import { kindOf, steered } from './playlist.js';

const MASTER = [
  '#EXTM3U',
  '#EXT-X-VERSION:7',
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="de",URI="audio/de.m3u8"',
  '#EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS="avc1,mp4a",AUDIO="a"',
  '720/index.m3u8',
  '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=10,URI="720/iframes.m3u8"',
  '',
].join('\n');

describe('a multivariant playlist', () => {
  it('says where to ask and which pathway it is, and else what it said', () => {
    expect(steered(MASTER, '/vod/film/master.m3u8', 'fra')?.split('\n')).toEqual([
      '#EXTM3U',
      '#EXT-X-CONTENT-STEERING:SERVER-URI="../../_eddy/steering?base=fra",PATHWAY-ID="fra"',
      '#EXT-X-VERSION:7',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="de",URI="audio/de.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS="avc1,mp4a",AUDIO="a",PATHWAY-ID="fra"',
      '720/index.m3u8',
      '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=10,URI="720/iframes.m3u8",PATHWAY-ID="fra"',
      '',
    ]);
  });

  it.each(['/master.m3u8', '/vod/master.m3u8', '/vod/a%20b/c/master.m3u8'])(
    'sends to the steering of its host and token, wherever it lies: %s',
    (path) => {
      const uri = /SERVER-URI="([^"]*)"/.exec(steered(MASTER, path, 'fra') ?? '')?.[1] ?? '';
      expect(new URL(uri, `https://fra.example/~a.b.c${path}`).href).toBe(
        'https://fra.example/~a.b.c/_eddy/steering?base=fra',
      );
    },
  );

  it('keeps its line ends and its bytes', () => {
    const odd = `\xef\xbb\xbf${MASTER.replaceAll('\n', '\r\n').replace('"de"', '"\xc3\xa9\xff"')}`;
    const changed = steered(odd, '/m.m3u8', 'fra') ?? '';
    expect(changed).toContain('#EXTM3U\r\n#EXT-X-CONTENT-STEERING:');
    expect(changed).toContain('PATHWAY-ID="fra"\r\n#EXT-X-VERSION');
    expect(changed).toContain('AUDIO="a",PATHWAY-ID="fra"\r\n720');
    expect(changed).toContain('"\xc3\xa9\xff"');
    expect(changed.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('is left alone where its publisher steers, or has media on other hosts', () => {
    const steeredBefore = MASTER.replace('\n', '\n#EXT-X-CONTENT-STEERING:SERVER-URI="/s"\n');
    const named = MASTER.replace('AUDIO="a"\n', 'AUDIO="a",PATHWAY-ID="x"\n');
    const foreign = ['https://other.example/v.m3u8', '//other.example/v.m3u8', '{$host}/v.m3u8'].map((uri) =>
      MASTER.replace('720/index.m3u8', uri),
    );
    const foreignAudio = MASTER.replace('audio/de.m3u8', 'http://other.example/a.m3u8');
    for (const text of [steeredBefore, named, ...foreign, foreignAudio]) {
      expect(text).not.toBe(MASTER);
      expect(steered(text, '/m.m3u8', 'fra')).toBeUndefined();
    }
  });

  it('that another edge has steered gets the name of this one', () => {
    const theirs = steered(MASTER, '/a/m.m3u8', 'nyc') ?? '';
    expect(theirs).toContain('nyc');
    expect(steered(theirs, '/a/m.m3u8', 'fra')).toBe(steered(MASTER, '/a/m.m3u8', 'fra'));
  });
});

describe('what a body is', () => {
  it.each([
    ['#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n', true, 'multivariant'],
    ['#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n', false, 'not-clear-yet'],
    ['\xef\xbb\xbf#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n', true, 'multivariant'],
    ['#EXTM3', false, 'not-clear-yet'],
    ['#EXTM3', true, 'other'],
    ['', true, 'other'],
    ['<html>', false, 'other'],
    ['#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n', false, 'other'],
    ['#EXTM3U\n#EXTINF:4,\n1.ts\n', true, 'other'],
  ])('%j, whole: %s', (text, whole, kind) => {
    expect(kindOf(text, whole)).toBe(kind);
  });
});
