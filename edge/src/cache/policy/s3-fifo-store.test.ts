import { describe, expect, it } from 'vitest';
import { describeBoundedStore } from './bounded-store-contract.js';
import { S3FifoStore } from './s3-fifo-store.js';

describeBoundedStore('S3-FIFO', (components, limitBytes) => new S3FifoStore(components, { limitBytes }));

/** 15 bytes for newcomers, 85 for the proven. */
function full(): S3FifoStore<number> {
  const store = new S3FifoStore<number>({}, { limitBytes: 100 });
  for (let at = 0; at < 40; at++) {
    store.set(`/popular/${at}`, at, 5);
    for (let use = 0; use < 3; use++) store.get(`/popular/${at}`);
  }
  return store;
}

const held = (store: S3FifoStore<number>, prefix: string): number =>
  [...store.keys()].filter((key) => key.startsWith(prefix)).length;

describe('S3-FIFO', () => {
  it('keeps what proved itself through a viewer of something rare', () => {
    const store = full();
    const before = held(store, '/popular/');
    for (let at = 0; at < 1000; at++) store.set(`/rare/${at}`, at, 5);
    expect(held(store, '/rare/')).toBeLessThanOrEqual(4);
    expect(held(store, '/popular/')).toBeGreaterThanOrEqual(before - 4);
  });

  it('takes what comes back soon for proven', () => {
    const store = full();
    store.set('/rare/0', 0, 5);
    for (let at = 1; at < 5; at++) store.set(`/rare/${at}`, at, 5);
    expect(store.peek('/rare/0')).toBeUndefined();
    store.set('/rare/0', 0, 5);
    for (let at = 5; at < 15; at++) store.set(`/rare/${at}`, at, 5);
    expect(store.peek('/rare/0')).toBe(0);
  });

  it('forgets names too: those of as many bytes as are held are remembered', () => {
    const store = full();
    for (let at = 0; at < 50; at++) store.set(`/rare/${at}`, at, 5);
    store.set('/rare/0', 0, 5);
    for (let at = 50; at < 54; at++) store.set(`/rare/${at}`, at, 5);
    expect(store.peek('/rare/0')).toBeUndefined();
  });

  it('refuses nobody while it fills up', () => {
    const store = new S3FifoStore<number>({}, { limitBytes: 100 });
    for (let at = 0; at < 16; at++) store.set(`/${at}`, at, 5);
    expect([store.size, store.evictions]).toEqual([16, 0]);
  });

  it('a replaced value keeps the standing of the old one', () => {
    const store = full();
    store.set('/live.m3u8', 0, 5);
    for (let at = 0; at < 100; at++) {
      store.set('/live.m3u8', at, 5);
      for (let other = 0; other < 5; other++) store.set(`/rare/${at}-${other}`, at, 3);
    }
    expect(store.peek('/live.m3u8')).toBe(99);
  });
});
