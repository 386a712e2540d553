import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CachedObject, freshnessOf } from '../cache/cached-object.js';
import type { ObjectTier } from '../cache/memory-tier.js';
import type { Clock } from '../components.js';
import { hotHead } from '../hot/hot-answer.js';
import { createHotIndex, type HotIndex, type HotObject } from '../hot/hot-index.js';
import type { EdgeCounters } from '../telemetry/edge-counters.js';
import { formatCacheStatus } from './cache-status.js';
import { responseFields } from './response-head.js';

export interface HitPathComponents {
  readonly tier: ObjectTier;
  readonly counters: EdgeCounters;
  /** Since the epoch. */
  readonly wallClock: Clock;
}

/** Answers the request if it can be answered from memory without any thought, else returns false. */
export type HitPath = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * The common case before everything else: a plain GET of a fresh whole object under its canonical path. One look-up,
 * a head that is rendered once a second, one write. All else (queries that count, ranges, conditions, HEAD, odd
 * spellings) takes the longer way to the same answer.
 */
export function createHitPath({ tier, counters, wallClock }: HitPathComponents): HitPath {
  return (request, response) => {
    const { url, method, headers } = request;
    if (url === undefined || method !== 'GET') return false;
    const object = tier.get(targetKey(url));
    if (object === undefined || object.head.status !== 200) return false;
    if (
      headers.range !== undefined ||
      headers['if-none-match'] !== undefined ||
      headers['if-modified-since'] !== undefined ||
      headers['if-match'] !== undefined ||
      headers['if-unmodified-since'] !== undefined
    ) {
      return false;
    }
    const nowMs = wallClock.now();
    if (nowMs - object.receivedAtMs + object.head.initialAgeSeconds * 1000 >= object.lifetime.freshMs)
      return false;
    response.writeHead(200, renderedFor(object, nowMs));
    response.end(object.body);
    counters.count('hit', object.body.length);
    return true;
  };
}

/** The same common case for the hot lane, which answers it before `node:http` reads the request. */
export function createHitIndex(
  { tier, wallClock }: Omit<HitPathComponents, 'counters'>,
  { keepAliveMs }: { readonly keepAliveMs: number },
): HotIndex {
  const known = new WeakMap<CachedObject, HotObject>();
  return createHotIndex({
    wallClock,
    keyOf: targetKey,
    lookUp(key) {
      const object = tier.get(key);
      if (object === undefined) return undefined;
      let hot = known.get(object);
      if (hot === undefined && object.head.status === 200) {
        hot = hotObject(object, keepAliveMs);
        known.set(object, hot);
      }
      return hot;
    },
  });
}

function hotObject(object: CachedObject, keepAliveMs: number): HotObject {
  const { body, head, lifetime, receivedAtMs } = object;
  const madeAtMs = receivedAtMs - head.initialAgeSeconds * 1000;
  return {
    body,
    freshUntilMs: madeAtMs + lifetime.freshMs,
    hot: undefined,
    headAt(nowMs) {
      const fields = renderedFor(object, nowMs);
      const { ageSeconds } = freshnessOf(object, nowMs);
      return { head: hotHead(fields, { keepAliveMs }), untilMs: madeAtMs + (ageSeconds + 1) * 1000 };
    },
  };
}

/** Names and values of a hit's head, with these words for its age and for how it came about. */
export function hitFields(object: CachedObject, age: string, cacheStatus: string): string[] | undefined {
  if (object.head.status !== 200) return undefined;
  const fields = responseFields(object.head, { is: 'whole' }, 0, cacheStatus);
  fields[fields.indexOf('Age') + 1] = age;
  return fields;
}

/** Keys are canonical, so what is found under a raw path is what the path names. */
export function targetKey(url: string): string {
  const mark = url.indexOf('?');
  if (mark === -1 || url.includes('_HLS_', mark)) return url;
  return url.slice(0, mark);
}

function renderedFor(object: CachedObject, nowMs: number): string[] {
  const { ttlMs, ageSeconds } = freshnessOf(object, nowMs);
  if (object.rendered?.second === ageSeconds) return object.rendered.fields;
  const status = formatCacheStatus({ hit: true, ttlSeconds: Math.floor(ttlMs / 1000) });
  const fields = responseFields(object.head, { is: 'whole' }, ageSeconds, status);
  object.rendered = { second: ageSeconds, fields };
  return fields;
}
