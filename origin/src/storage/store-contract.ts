import { describe, expect, it } from 'vitest';
import type { ObjectStore } from './object-store.js';

/** What every object store must do. `open` gives an empty store, `close` throws it away. */
export function storeContract(
  what: string,
  open: () => Promise<{ store: ObjectStore; close: () => Promise<void> }>,
): void {
  const withStore = async (use: (store: ObjectStore) => Promise<void>): Promise<void> => {
    const { store, close } = await open();
    try {
      await use(store);
    } finally {
      await close();
    }
  };
  const keysOf = async (store: ObjectStore, prefix: string): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { key } of store.list(prefix)) keys.push(key);
    return keys.sort();
  };

  describe(what, () => {
    it('gives back the bytes, length and type that were put', () =>
      withStore(async (store) => {
        const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 31) % 256));
        await store.put('film/720p/0.m4s', bytes, { cacheControl: 'max-age=60' });
        const got = await store.get('film/720p/0.m4s');
        expect(got.body.equals(bytes)).toBe(true);
        expect(got.bytes).toBe(70_000);
        expect(await store.head('film/720p/0.m4s')).toEqual({
          bytes: 70_000,
          contentType: 'video/iso.segment',
        });
        await store.put('film/master.m3u8', Buffer.from('#EXTM3U\n'));
        expect((await store.get('film/master.m3u8')).contentType).toBe('application/vnd.apple.mpegurl');
      }));

    it('takes views into larger buffers and empty objects', () =>
      withStore(async (store) => {
        const whole = Uint8Array.of(1, 2, 3, 4, 5);
        await store.put('view.bin', whole.subarray(1, 4));
        expect([...(await store.get('view.bin')).body]).toEqual([2, 3, 4]);
        await store.put('empty.bin', new Uint8Array());
        expect((await store.head('empty.bin'))?.bytes).toBe(0);
      }));

    it('replaces whole objects: a reader sees the old or the new', () =>
      withStore(async (store) => {
        const versions = [1, 2, 3, 4].map((fill) => Buffer.alloc(200_000, fill));
        await store.put('a.bin', Buffer.alloc(200_000, 0));
        let writing = true;
        const writer = (async () => {
          for (const version of versions) await store.put('a.bin', version);
          writing = false;
        })();
        while (writing) {
          const { body } = await store.get('a.bin');
          expect(body.length).toBe(200_000);
          expect(body.equals(Buffer.alloc(200_000, body[0]))).toBe(true);
        }
        await writer;
        expect((await store.get('a.bin')).body[0]).toBe(4);
      }));

    it('says so when there is no such object', () =>
      withStore(async (store) => {
        await expect(store.get('none/0.m4s')).rejects.toMatchObject({ code: 'not-found' });
        expect(await store.head('none/0.m4s')).toBeUndefined();
        await store.delete('none/0.m4s');
      }));

    it('lists by prefix, over pages', () =>
      withStore(async (store) => {
        const keys = Array.from({ length: 25 }, (_, index) => `v/720p/${String(index).padStart(2, '0')}.m4s`);
        for (const key of [...keys, 'v/master.m3u8', 'w/0.m4s', 'v2/0.m4s'])
          await store.put(key, Buffer.from(key));
        expect(await keysOf(store, 'v/720p/')).toEqual(keys);
        expect(await keysOf(store, 'v/')).toEqual([...keys, 'v/master.m3u8']);
        expect(await keysOf(store, 'v')).toHaveLength(27);
        expect(await keysOf(store, 'nothing/')).toEqual([]);
      }));

    it('deletes one object and no other', () =>
      withStore(async (store) => {
        await store.put('v/0.m4s', Buffer.from('0'));
        await store.put('v/1.m4s', Buffer.from('1'));
        await store.delete('v/0.m4s');
        expect(await store.head('v/0.m4s')).toBeUndefined();
        expect(await keysOf(store, '')).toEqual(['v/1.m4s']);
      }));

    it('survives more reads than a connection pool has places', () =>
      withStore(async (store) => {
        await store.put('a.bin', Buffer.alloc(10_000, 7));
        for (let round = 0; round < 120; round++) expect((await store.get('a.bin')).bytes).toBe(10_000);
      }));

    it('refuses keys that could lead elsewhere', () =>
      withStore(async (store) => {
        for (const key of [
          '',
          '/etc/passwd',
          '../x',
          'a/../../x',
          'a//b',
          './a',
          'a\\b',
          'a\u0000b',
          'a%2e%2e',
          'a/',
          'x'.repeat(1025),
        ]) {
          await expect(store.put(key, Buffer.from('x')), key).rejects.toMatchObject({ code: 'bad-key' });
          await expect(store.get(key), key).rejects.toMatchObject({ code: 'bad-key' });
          await expect(store.delete(key), key).rejects.toMatchObject({ code: 'bad-key' });
        }
      }));
  });
}
