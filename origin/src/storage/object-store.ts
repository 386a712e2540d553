/** Where presentations live. Keys are relative to the store's URL: `film/720p/0.m4s`. */
export interface ObjectStore {
  /** What the store is, for messages, without secrets: `file:///srv/video`, `s3://bucket/prefix`. */
  readonly url: string;
  /**
   * Writes the whole object; readers see the old bytes or the new, never a part.
   * @throws OriginError `storage` or `bad-key`.
   */
  put(key: string, bytes: Uint8Array, options?: PutOptions): Promise<void>;
  /** @throws OriginError `not-found`, `storage` or `bad-key`. */
  get(key: string): Promise<StoredObject>;
  /** Undefined when there is no such object. */
  head(key: string): Promise<ObjectInfo | undefined>;
  /** Every object whose key begins with `prefix`, page by page, in no promised order. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /** Succeeds too when there is no such object. */
  delete(key: string): Promise<void>;
  /** Ends connections. The store is not used afterwards. */
  close(): void;
}

export interface PutOptions {
  /** Default: by the key's extension. */
  readonly contentType?: string;
  /** Kept where the store can keep it (S3); a folder cannot. */
  readonly cacheControl?: string;
}

export interface ObjectInfo {
  readonly bytes: number;
  readonly contentType: string;
}

export interface StoredObject extends ObjectInfo {
  readonly body: Buffer;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
}
