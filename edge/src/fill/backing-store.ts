import type { StoredResponse } from '../cache/stored-response.js';
import type { PurgeMatch } from './fill.js';

/** Whole responses behind memory: slower, larger, and still there after a restart. */
export interface BackingStore {
  /** Undefined: not there, or not to be trusted. Never rejects. */
  read(key: string): Promise<StoredResponse | undefined>;
  /** Soon, or not at all where there is no room. */
  write(object: StoredResponse): void;
  delete(key: string): void;
  /** Resolves when nothing brings them back, with their keys. */
  purge(matches: PurgeMatch): Promise<string[]>;
  /** Makes them stale; resolves with their keys. */
  expire(matches: PurgeMatch): Promise<string[]>;
}

export const NO_BACKING_STORE: BackingStore = {
  read: async () => undefined,
  write: () => {},
  delete: () => {},
  purge: async () => [],
  expire: async () => [],
};
