import type { StoredResponse } from '../cache/stored-response.js';
import type { PurgeMatch } from './fill.js';
import type { LentBody } from './lent-body.js';

/** Whole responses behind memory: slower, larger, and still there after a restart. */
export interface BackingStore {
  /** False: `read` would miss. Costs nothing. */
  mayHave(key: string): boolean;
  /** With its body. Undefined: not there, or not to be trusted. Never rejects. */
  read(key: string): Promise<BackingHit | undefined>;
  /** The same for who only passes the body on. Counts towards a place in memory. */
  open(key: string): Promise<BackingHit | undefined>;
  /** The same at once, if it is fresh and needs no waiting. */
  openKnown(key: string): { readonly object: StoredResponse; readonly lent: LentBody } | undefined;
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
  /** Its body is empty where it is lent. */
  readonly object: StoredResponse;
  /** Read so often of late that it is worth a place in memory. */
  readonly toMemory: boolean;
  readonly lent: LentBody | undefined;
}

export const NO_BACKING_STORE: BackingStore = {
  mayHave: () => false,
  read: async () => undefined,
  open: async () => undefined,
  openKnown: () => undefined,
  write: () => {},
  refresh: () => {},
  delete: () => {},
  purge: async () => [],
  expire: async () => [],
};
