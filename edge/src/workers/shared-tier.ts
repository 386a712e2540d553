import type { MemoryTier, ObjectTier, TierStats } from '../cache/memory-tier.js';
import type { StoredResponse } from '../cache/stored-response.js';
import { AGE_VALUE, type HotRecord, sharedBody, TTL_VALUE } from './hot-record.js';
import type { SharedGarbage } from './shared-garbage.js';

/** Who is told what may be answered from memory. */
export interface HotAudience {
  publish(record: HotRecord): void;
  drop(key: string): void;
}

export interface SharedTierComponents {
  readonly inner: MemoryTier;
  readonly garbage: SharedGarbage;
  /** Names and values of the head that goes out, but for age and lifetime; undefined: not for everybody alike. */
  readonly fieldsOf: (
    object: StoredResponse,
    age: string,
    cacheStatus: string,
  ) => readonly string[] | undefined;
}

/** The memory tier of an edge with fronts: bodies lie in shared memory, and fronts know of each object that is hot. */
export class SharedTier implements ObjectTier {
  readonly #inner: MemoryTier;
  readonly #garbage: SharedGarbage;
  readonly #fieldsOf: SharedTierComponents['fieldsOf'];
  readonly #records = new Map<string, HotRecord>();
  #audience: HotAudience | undefined;

  constructor({ inner, garbage, fieldsOf }: SharedTierComponents) {
    this.#inner = inner;
    this.#garbage = garbage;
    this.#fieldsOf = fieldsOf;
    inner.onRemoved = (key, { body }) => this.#removed(key, body.length);
  }

  /** From now on it is told; what is there already it asks for with `records()`. */
  tell(audience: HotAudience): void {
    this.#audience = audience;
  }

  records(): Iterable<HotRecord> {
    return this.#records.values();
  }

  get(key: string): StoredResponse | undefined {
    return this.#inner.get(key);
  }

  peek(key: string): StoredResponse | undefined {
    return this.#inner.peek(key);
  }

  set(object: StoredResponse): void {
    const { key, head, lifetime, receivedAtMs } = object;
    const fields = this.#fieldsOf(object, AGE_VALUE, `eddy; hit; ttl=${TTL_VALUE}`);
    if (fields === undefined) {
      this.#inner.set(object);
      this.#forget(key);
      return;
    }
    const { body, shared } = sharedBody(object.body);
    this.#inner.set({ ...object, body });
    // It may have been too large to keep.
    if (this.#inner.peek(key)?.body !== body) return;
    const madeAtMs = receivedAtMs - head.initialAgeMs;
    const record = { key, fields, madeAtMs, body: shared, freshUntilMs: madeAtMs + lifetime.freshMs };
    this.#records.set(key, record);
    this.#audience?.publish(record);
  }

  delete(key: string): boolean {
    return this.#inner.delete(key);
  }

  ofPath(path: string): StoredResponse[] {
    return this.#inner.ofPath(path);
  }

  matching(matches: (object: StoredResponse) => boolean): StoredResponse[] {
    return this.#inner.matching(matches);
  }

  deletePath(path: string): number {
    return this.#inner.deletePath(path);
  }

  deleteWhere(matches: (object: StoredResponse) => boolean): string[] {
    return this.#inner.deleteWhere(matches);
  }

  get stats(): TierStats {
    return this.#inner.stats;
  }

  #removed(key: string, bodyBytes: number): void {
    this.#garbage.dropped(bodyBytes);
    this.#forget(key);
  }

  #forget(key: string): void {
    if (this.#records.delete(key)) this.#audience?.drop(key);
  }
}
