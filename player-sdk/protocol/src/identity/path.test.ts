import { describe, expect, it } from 'vitest';
import {
  BEACON_PATH,
  digestBlockPath,
  EDDY_PREFIX,
  renditionId,
  resolveEntryPath,
  SWARM_PATH,
  segmentKey,
} from './path.js';

describe('names', () => {
  it('of renditions are FNV-1a, known answers', () => {
    expect(renditionId('')).toBe(0x811c9dc5);
    expect(renditionId('a')).toBe(0xe40c292c);
    expect(renditionId('foobar')).toBe(0xbf9cf968);
  });

  it('of segments tell byte ranges of one resource apart', () => {
    expect(segmentKey('/v/a.mp4', 0)).toBe('/v/a.mp4');
    expect(segmentKey('/v/a.mp4', 700)).toBe('/v/a.mp4@700');
  });

  it('of digest blocks lie beside their playlist', () => {
    expect(digestBlockPath('/v/720p/index.m3u8', 0)).toBe('/v/720p/index.digests/0.bin');
    expect(digestBlockPath('/v/720p/index', 3)).toBe('/v/720p/index.digests/3.bin');
  });

  it('in blocks are relative to the playlist or absolute', () => {
    expect(resolveEntryPath('s1.m4s', '/v/720p/index.m3u8')).toBe('/v/720p/s1.m4s');
    expect(resolveEntryPath('/x/s1.m4s', '/v/720p/index.m3u8')).toBe('/x/s1.m4s');
  });

  it('of what the edge answers itself lie below one prefix', () => {
    for (const path of [SWARM_PATH, BEACON_PATH]) expect(path.startsWith(EDDY_PREFIX)).toBe(true);
  });
});
