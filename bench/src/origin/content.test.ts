import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { PLAYLIST_BYTES, playlist, SEGMENT_BYTES, segments, sha256 } from './content.js';
import { startTinyOrigin } from './tiny-origin.js';

it('makes segments of 1 MiB that differ, do not compress, and are the same on every run', () => {
  const [first, second] = segments(2);
  expect(first?.body).toHaveLength(SEGMENT_BYTES);
  expect(first?.sha256).not.toBe(second?.sha256);
  expect(gzipSync(first?.body ?? '').length).toBeGreaterThan(SEGMENT_BYTES * 0.99);
  expect(segments(1)[0]?.sha256).toBe(first?.sha256);
});

it('makes a playlist of exactly 1 KiB that begins and ends as one', () => {
  const text = playlist().body.toString();
  expect(playlist().body).toHaveLength(PLAYLIST_BYTES);
  expect(text).toMatch(/^#EXTM3U\n[\s\S]*\n#EXT-X-ENDLIST\n$/);
});

it('serves them, and counts every request', async () => {
  const object = playlist();
  const origin = await startTinyOrigin([object]);
  try {
    const answer = await fetch(origin.url + object.path);
    expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(object.sha256);
    expect((await fetch(`${origin.url}/else`)).status).toBe(404);
    expect(origin.requests()).toBe(2);
  } finally {
    await origin.close();
  }
});
