import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../process/folder.js';
import { framesIn, OriginMedia } from './origin-media.js';

function box(type: string, content: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, Buffer.from(content)]);
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

it('finds the frames in a segment, and nothing in what is none', () => {
  const segment = Buffer.concat([box('moof', 'x'), box('mdat', 'one'), box('moof', 'y'), box('mdat', 'two')]);
  expect(framesIn(segment).map((frames) => Buffer.from(frames).toString())).toEqual(['one', 'two']);
  expect(framesIn(Buffer.from('no boxes at all'))).toEqual([]);
  expect(framesIn(new Uint8Array(0))).toEqual([]);
});

it('remembers what has left the folder', async () => {
  const folder = await temporaryFolder();
  try {
    await mkdir(join(folder.path, 'video'));
    const file = join(folder.path, 'video', '1.m4s');
    await writeFile(file, box('mdat', 'first'));
    await writeFile(join(folder.path, 'video', 'index.m3u8'), box('mdat', 'no segment'));
    const media = new OriginMedia(folder.path);
    await media.look();
    await rm(file);
    await writeFile(join(folder.path, 'video', '2.m4s'), box('mdat', 'second'));
    await media.look();
    expect([...media.hashes].sort()).toEqual([hashOf('first'), hashOf('second')].sort());
  } finally {
    await folder.remove();
  }
});
