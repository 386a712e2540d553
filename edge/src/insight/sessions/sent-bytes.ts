import { sessionOf } from '@eddy/protocol';
import { ownText } from '../../own-text.js';

export interface SentBytesOptions {
  /** More sessions than these are not told apart. */
  readonly maxSessions: number;
}

/**
 * What this edge itself sent, by the session that media requests name (CMCD `sid` in the query): the other witness
 * beside players' claims. A look-up and an addition a response.
 */
export class SentBytes {
  readonly #max: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();
  /** Sent to sessions that never reported anything, or beyond the bound. */
  unreportedBytes = 0;

  constructor({ maxSessions }: SentBytesOptions) {
    this.#max = maxSessions;
  }

  /** `target` as it was asked for. */
  count(target: string, bytes: number): void {
    const session = sessionOf(target);
    if (session !== undefined) this.add(session, bytes);
  }

  add(session: string, bytes: number): void {
    const before = this.#young.get(session);
    if (before === undefined && this.#young.size >= this.#max) this.unreportedBytes += bytes;
    else this.#young.set(before === undefined ? ownText(session) : session, (before ?? 0) + bytes);
  }

  /** Not taken yet. */
  of(session: string): number {
    return (this.#young.get(session) ?? 0) + (this.#old.get(session) ?? 0);
  }

  /** So many of a session are reported. */
  take(session: string, bytes: number): void {
    const left = this.of(session) - bytes;
    this.#old.delete(session);
    if (left > 0) this.#young.set(session, left);
    else this.#young.delete(session);
  }

  /** To be called every few minutes: what nobody reported in all that time is let go. */
  age(): void {
    for (const bytes of this.#old.values()) this.unreportedBytes += bytes;
    this.#old = this.#young;
    this.#young = new Map();
  }
}
