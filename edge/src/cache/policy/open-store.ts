import type { BoundedStore, BoundedStoreComponents, BoundedStoreOptions } from './bounded-store.js';
import { LruStore } from './lru-store.js';
import { S3FifoStore } from './s3-fifo-store.js';

export type { BoundedStore, BoundedStoreComponents, BoundedStoreOptions } from './bounded-store.js';

/** How it is decided who leaves; see `docs/decisions/0068-who-leaves-the-cache.md`. */
export const CACHE_POLICIES = ['lru', 's3-fifo'] as const;
export type CachePolicy = (typeof CACHE_POLICIES)[number];

export function openStore<Value extends NonNullable<unknown>>(
  policy: CachePolicy,
  components: BoundedStoreComponents<Value>,
  options: BoundedStoreOptions,
): BoundedStore<Value> {
  switch (policy) {
    case 'lru':
      return new LruStore(components, options);
    case 's3-fifo':
      return new S3FifoStore(components, options);
  }
}
