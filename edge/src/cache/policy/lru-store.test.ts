import { expect, it } from 'vitest';
import { describeBoundedStore } from './bounded-store-contract.js';
import { LruStore } from './lru-store.js';

describeBoundedStore('LRU', (components, limitBytes) => new LruStore(components, { limitBytes }));

it('lets the longest unused go first; a look is no use', () => {
  const store = new LruStore<number>({}, { limitBytes: 30 });
  for (const [at, key] of ['/a', '/b', '/c'].entries()) store.set(key, at, 10);
  store.get('/a');
  store.peek('/b');
  store.set('/d', 3, 10);
  expect([...store.keys()].sort()).toEqual(['/a', '/c', '/d']);
});
