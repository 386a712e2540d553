import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderStore } from './folder-store.js';
import { storeContract } from './store-contract.js';

const open = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'eddy-store-'));
  return { folder, store: folderStore(folder), close: () => rm(folder, { recursive: true }) };
};

storeContract('folder store', open);

it('leaves neither temporary files nor empty folders', async () => {
  const { folder, store, close } = await open();
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => store.put(`a/b/${index % 3}.m4s`, Buffer.alloc(index))),
  );
  expect((await readdir(join(folder, 'a/b'))).sort()).toEqual(['0.m4s', '1.m4s', '2.m4s']);
  for (const name of ['0.m4s', '1.m4s', '2.m4s']) await store.delete(`a/b/${name}`);
  expect(await readdir(folder)).toEqual([]);
  await close();
});

it('says what stands in the way when it cannot write', async () => {
  const { store, close } = await open();
  await store.put('a.bin', Buffer.from('x'));
  await expect(store.put('a.bin/b.bin', Buffer.from('x'))).rejects.toMatchObject({ code: 'storage' });
  await expect(store.get('a.bin/b.bin')).rejects.toMatchObject({ code: 'not-found' });
  await close();
});
