import { hotHead } from '../hot/hot-answer.js';
import type { HotObject } from '../hot/hot-index.js';

/** What a front thread must know of a stored 200 to answer for it. Its bytes are held once for all threads. */
export interface HotRecord {
  readonly key: string;
  readonly body: SharedArrayBuffer;
  /** Names and values in turn, but for `Age` and `Cache-Status`, which tell the time. */
  readonly fields: readonly string[];
  /** When it was of age 0. */
  readonly madeAtMs: number;
  readonly freshUntilMs: number;
}

/** Where `Age` and `Cache-Status` belong among a record's fields: values that are filled in as the time goes. */
export const AGE_VALUE = '\u0001age';
export const TTL_VALUE = '\u0001ttl';

export function hotObjectOf(
  { body, fields, madeAtMs, freshUntilMs }: HotRecord,
  options: { readonly keepAliveMs: number },
): HotObject {
  const template = hotHead(fields, options);
  return {
    body: Buffer.from(body),
    freshUntilMs,
    hot: undefined,
    headAt(nowMs) {
      const age = Math.max(0, Math.floor((nowMs - madeAtMs) / 1000));
      const ttl = Math.floor((freshUntilMs - nowMs) / 1000);
      return {
        head: template.replace(AGE_VALUE, String(age)).replace(TTL_VALUE, String(ttl)),
        untilMs: madeAtMs + (age + 1) * 1000,
      };
    },
  };
}

/** The same bytes in memory that all threads can read; copied unless they are there already. */
export function sharedBody(body: Buffer): { readonly body: Buffer; readonly shared: SharedArrayBuffer } {
  const { buffer } = body;
  if (buffer instanceof SharedArrayBuffer && buffer.byteLength === body.length)
    return { body, shared: buffer };
  const shared = new SharedArrayBuffer(body.length);
  const copy = Buffer.from(shared);
  body.copy(copy);
  return { body: copy, shared };
}
