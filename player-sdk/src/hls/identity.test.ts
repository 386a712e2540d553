import { renditionId } from '@eddy/protocol';
import { describe, expect, it } from 'vitest';
import { identify, type NamedFragment } from './identity.js';

const fragment: NamedFragment = {
  url: 'https://a.example/film/v/7.m4s',
  baseurl: 'https://a.example/film/v/index.m3u8',
  byteRange: [],
  sn: 7,
};

describe('identify', () => {
  it('is the same for every host, token and query', () => {
    const other = {
      ...fragment,
      url: 'https://b.example/film/x/../v/7.m4s?token=2#t',
      baseurl: 'http://b.example:8080/film/v/index.m3u8?token=2',
    };
    expect(identify(other, false)).toEqual(identify(fragment, false));
    const inPath = {
      ...fragment,
      url: 'https://b.example/~a.b.c/film/v/7.m4s',
      baseurl: 'https://b.example/~d.e.f/film/v/index.m3u8',
    };
    expect(identify(inPath, false)).toEqual(identify(fragment, false));
    expect(identify(fragment, false)).toEqual({
      name: { rendition: renditionId('/film/v/index.m3u8'), sequence: 7 },
      location: { path: '/film/v/7.m4s', sequence: 7, playlistPath: '/film/v/index.m3u8', live: false },
    });
  });

  it('names a byte range by where it starts and how long it is', () => {
    expect(identify({ ...fragment, byteRange: [100, 250] }, true)?.location).toMatchObject({
      range: { start: 100, bytes: 150 },
      live: true,
    });
  });

  it('has no name for an init segment or one without an address', () => {
    expect(identify({ ...fragment, sn: 'initSegment' }, false)).toBeUndefined();
    expect(identify({ ...fragment, url: '' }, false)).toBeUndefined();
    expect(identify({ ...fragment, baseurl: 'index.m3u8' }, false)).toBeUndefined();
  });
});
