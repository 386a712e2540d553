import { describe, expect, it } from 'vitest';
import { box, moovWith, u32 } from '../testing/boxes.js';
import { parseInThread, workerUrl } from './parse-thread.js';

/** An H.264 track of `count` frames of one byte, all in one chunk. */
function film(count: number): Buffer {
  const avcC = box('avcC', [1, 0x64, 0, 0x0c, 0xff, 0xe0, 0]);
  const entry = box('avc1', Buffer.alloc(78), avcC);
  const tables = [
    box('stsd', u32(0, 1), entry),
    box('stts', u32(0, 1, count, 1)),
    box('stsc', u32(0, 1, 1, count, 1)),
    box('stsz', u32(0, 1, count)),
    box('stco', u32(0, 1, 0)),
  ];
  return moovWith(...tables);
}
const metadata = (box: Buffer) => ({ moov: { start: 0, box }, moofs: [] });

describe('parseInThread', { timeout: 30_000 }, () => {
  it('reads tracks', async () => {
    const [track] = await parseInThread(metadata(film(50)));
    expect(track).toMatchObject({ kind: 'video', codec: 'avc1.64000c', timescale: 25 });
    expect(track?.samples.count).toBe(50);
    expect(track?.samples.offsets[49]).toBe(49);
  });

  it('ends a parser that takes too long', async () => {
    await expect(parseInThread(metadata(film(50)), { deadlineMs: 1 })).rejects.toMatchObject({
      code: 'too-complex',
    });
  });

  it('ends a parser that wants too much memory, and the process lives', async () => {
    await expect(parseInThread(metadata(film(9_000_000)), { heapMiB: 16 })).rejects.toMatchObject({
      code: 'too-complex',
    });
  });

  it('reads nine million frames within its limits', async () => {
    const [track] = await parseInThread(metadata(film(9_000_000)));
    expect(track?.samples.count).toBe(9_000_000);
  });

  it('finds the built worker from source and from dist', () => {
    expect(workerUrl('file:///x/origin/src/package/parse-thread.ts').pathname).toBe(
      '/x/origin/dist/package/parse-worker.js',
    );
    expect(workerUrl('file:///x/origin/dist/package/parse-thread.js').pathname).toBe(
      '/x/origin/dist/package/parse-worker.js',
    );
  });
});
