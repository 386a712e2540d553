import type { IncomingMessage, ServerResponse } from 'node:http';
import { withoutSession } from '@eddy/protocol';
import type { ObjectTier } from '../cache/memory-tier.js';
import { freshnessOf, isPlain, type StoredResponse } from '../cache/stored-response.js';
import type { Clock } from '../components.js';
import type { BackingStore } from '../fill/backing-store.js';
import { type HotAnswer, hotHead } from '../hot/hot-answer.js';
import { type HotObject, hotAnswerOf } from '../hot/hot-index.js';
import type { EdgeCounters } from '../telemetry/edge-counters.js';
import { pumpLent } from './body-pump.js';
import { formatCacheStatus } from './cache-status.js';
import { responseFields } from './response-head.js';
import type { Site } from './site.js';

export interface HitPathComponents {
  readonly tier: ObjectTier;
  readonly counters: EdgeCounters;
  /** Since the epoch. */
  readonly wallClock: Clock;
  /** What memory does not hold, but can be had without waiting. */
  readonly backing: Pick<BackingStore, 'openKnown'>;
  /** Breaks off what cannot be sent whole. */
  readonly cut: (response: ServerResponse) => void;
  /** Hears of each hit. */
  readonly onHit?: ((site: Site, target: string) => void) | undefined;
}

/** Answers the request if it can be answered from memory without any thought, else returns false. */
export type HitPath = (request: IncomingMessage, response: ServerResponse, site: Site) => boolean;

/**
 * The common case before everything else: a plain GET of a fresh whole object under its canonical path. One look-up,
 * a head that is rendered once a second, one write. All else (queries that count, ranges, conditions, variants, HEAD,
 * odd spellings) takes the longer way to the same answer.
 */
export function createHitPath(components: HitPathComponents): HitPath {
  const { tier, counters, wallClock, onHit, backing, cut } = components;

  /** What the disk tier has open is answered as simply; the rest of its body is read while it is sent. */
  function fromDisk(key: string, request: IncomingMessage, response: ServerResponse, site: Site): boolean {
    const known = backing.openKnown(key);
    if (known === undefined) return false;
    const { object, lent } = known;
    const nowMs = wallClock.now();
    const { totalBytes } = object.head;
    if (!isPlain(object) || totalBytes === undefined) {
      lent.release();
      return false;
    }
    response.writeHead(200, renderedFor(object, site.cors.fields(request.headers.origin), nowMs, 'disk'));
    counters.count('hit', 0);
    const pieces = lent.read({ start: 0, end: totalBytes - 1 });
    lent.release();
    pumpLent(pieces, response, totalBytes, (bytes) => {
      counters.body('hit', bytes, request.url);
    }).catch(() => cut(response));
    return true;
  }

  return (request, response, site) => {
    const { url, method, headers } = request;
    if (url === undefined || method !== 'GET') return false;
    if (
      headers.range !== undefined ||
      headers['if-none-match'] !== undefined ||
      headers['if-modified-since'] !== undefined ||
      headers['if-match'] !== undefined ||
      headers['if-unmodified-since'] !== undefined
    ) {
      return false;
    }
    const key = targetKey(site, url);
    const object = tier.get(key);
    if (object === undefined) {
      if (!fromDisk(key, request, response, site)) return false;
      onHit?.(site, url);
      return true;
    }
    if (!isPlain(object)) return false;
    const nowMs = wallClock.now();
    if (nowMs - object.receivedAtMs + object.head.initialAgeMs >= object.lifetime.freshMs) return false;
    response.writeHead(200, renderedFor(object, site.cors.fields(headers.origin), nowMs));
    response.end(object.body);
    counters.count('hit', 0);
    counters.body('hit', object.body.length, url);
    onHit?.(site, url);
    return true;
  };
}

/** The answer to a plain GET by a page of `origin`, if it is fresh in memory; a use of it. */
export type HitIndex = (site: Site, target: string, origin: string | undefined) => HotAnswer | undefined;

/** The same common case for the hot lane, which answers it before `node:http` reads the request. */
export function createHitIndex(
  { tier, wallClock }: Pick<HitPathComponents, 'tier' | 'wallClock'>,
  { keepAliveMs }: { readonly keepAliveMs: number },
): HitIndex {
  const known = new WeakMap<StoredResponse, HotObject>();
  return (site, target, origin) => {
    const object = tier.get(targetKey(site, target));
    if (object === undefined) return undefined;
    let hot = known.get(object);
    if (hot === undefined) {
      if (!isPlain(object)) return undefined;
      hot = hotObject(object, site, keepAliveMs);
      known.set(object, hot);
    }
    return hotAnswerOf(hot, wallClock.now(), origin);
  };
}

function hotObject(object: StoredResponse, site: Site, keepAliveMs: number): HotObject {
  const { body, head, lifetime, receivedAtMs } = object;
  const madeAtMs = receivedAtMs - head.initialAgeMs;
  return {
    body,
    freshUntilMs: madeAtMs + lifetime.freshMs,
    hot: undefined,
    wordsFor: (origin) => site.cors.fields(origin),
    headAt(nowMs, words = []) {
      const fields = renderedFor(object, words, nowMs);
      const { ageSeconds } = freshnessOf(object, nowMs);
      return { head: hotHead(fields, { keepAliveMs }), untilMs: madeAtMs + (ageSeconds + 1) * 1000 };
    },
  };
}

/** Names and values of a hit's head, with these words for its age and for how it came about. */
export function hitFields(
  object: StoredResponse,
  site: Site,
  age: string,
  cacheStatus: string,
): string[] | undefined {
  if (!isPlain(object)) return undefined;
  const cors = site.cors.fields(undefined);
  const fields = responseFields(object.head, { is: 'whole' }, { ageSeconds: 0, cacheStatus, cors });
  fields[fields.indexOf('Age') + 1] = age;
  return fields;
}

/** Keys are canonical, so what is found under a raw target is what the target names. Which key a target of the site may be found under. */
export function targetKey(site: Pick<Site, 'prefix' | 'key'>, target: string): string {
  return site.prefix + (site.key.query === 'none' ? withoutQuery(target) : withoutSession(target));
}

function withoutQuery(url: string): string {
  const mark = url.indexOf('?');
  return mark === -1 ? url : url.slice(0, mark);
}

function renderedFor(
  object: StoredResponse,
  cors: readonly string[],
  nowMs: number,
  detail?: string,
): string[] {
  const { ttlMs, ageSeconds } = freshnessOf(object, nowMs);
  if (object.rendered?.second === ageSeconds && object.rendered.cors === cors) return object.rendered.fields;
  const cacheStatus = formatCacheStatus({
    ...{ hit: true, ttlSeconds: Math.floor(ttlMs / 1000) },
    ...(detail === undefined ? {} : { detail }),
  });
  const fields = responseFields(object.head, { is: 'whole' }, { ageSeconds, cacheStatus, cors });
  object.rendered = { second: ageSeconds, cors, fields };
  return fields;
}
