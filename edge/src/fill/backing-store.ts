import type { StoredResponse } from '../cache/stored-response.js';
import type { PurgeMatch } from './fill.js';

/** Whole responses behind memory: slower, larger, and still there after a restart. */
export interface BackingStore {
  /** False: `read` would miss. Costs nothing. */
  mayHave(key: string): boolean;
  /** Undefined: not there, or not to be trusted. Never rejects. */
  read(key: string): Promise<BackingHit | undefined>;
  /** Soon, or not at all where there is no room. */
  write(object: StoredResponse): void;
  /** What is said of it is new, its body is not. */
  refresh(object: StoredResponse): void;
  delete(key: string): void;
  /** Resolves when nothing brings them back, with their keys. */
  purge(matches: PurgeMatch): Promise<string[]>;
  /** Makes them stale; resolves with their keys. */
  expire(matches: PurgeMatch): Promise<string[]>;
}

export interface BackingHit {
  readonly object: StoredResponse;
  /** Read before not long ago: worth a place in memory, which those read once would only churn. */
  readonly again: boolean;
}

export const NO_BACKING_STORE: BackingStore = {
  mayHave: () => false,
  read: async () => undefined,
  write: () => {},
  refresh: () => {},
  delete: () => {},
  purge: async () => [],
  expire: async () => [],
};
