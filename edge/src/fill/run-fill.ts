import type { CachedObject, ObjectHead } from '../cache/cached-object.js';
import {
  type LifetimePolicy,
  type NoStoreReason,
  needsBody,
  type Ruling,
  rule,
  storageForbidden,
} from '../cache/freshness.js';
import type { ObjectTier } from '../cache/memory-tier.js';
import type { Clock } from '../components.js';
import type { SegmentDigests, SegmentHasher } from '../digests/segment-digests.js';
import type { UpstreamTally } from '../telemetry/edge-counters.js';
import type { Upstream, UpstreamResponse } from '../upstream/upstream.js';
import { messageOf, serverError, UpstreamError } from '../upstream/upstream-error.js';
import { type BodyTee, createBodyTee } from './body-tee.js';
import type { Fill, FillEnd } from './fill.js';
import type { FillMemory, FillShare } from './fill-memory.js';
import type { FillTable } from './fill-table.js';
import { contentLength, objectHead, originWords } from './object-head.js';
import type { PassMarks } from './pass-marks.js';

export interface FillComponents {
  readonly upstream: Upstream;
  readonly tier: ObjectTier;
  readonly table: FillTable;
  readonly marks: PassMarks;
  readonly memory: FillMemory;
  readonly digests: SegmentDigests;
  readonly tally: UpstreamTally;
  /** Since the epoch. */
  readonly wallClock: Clock;
  /** Hears of every fill that failed. */
  readonly onFailure: (fill: Fill, error: UpstreamError) => void;
}

export interface FillOptions {
  readonly policy: LifetimePolicy;
  readonly maxObjectBytes: number;
  readonly negativeMs: number;
}

/** Runs fills to their end, apart from the requests that wait for them. */
export class Filler {
  readonly #components: FillComponents;
  readonly #options: FillOptions;

  constructor(components: FillComponents, options: FillOptions) {
    this.#components = components;
    this.#options = options;
  }

  /** Never rejects: whoever waits learns the end from the fill. `stale` is what the cache still has. */
  async run(fill: Fill, query: string, stale: CachedObject | undefined): Promise<void> {
    const { upstream, table, tally, onFailure } = this.#components;
    let end: FillEnd = { is: 'not-stored' };
    const measure = tally.begin();
    try {
      const request = {
        path: fill.path,
        query,
        ...(stale?.head.status === 200
          ? { unlessEtag: stale.head.etag, unlessModifiedSince: stale.head.lastModified }
          : {}),
      };
      const response = await upstream.fetch(request, fill.signal);
      if (response.status >= 500) {
        response.body.discard();
        throw serverError(response.status);
      }
      measure.answered(response.status);
      try {
        const object = await this.#take(fill, response, stale);
        if (object !== undefined) end = { is: 'stored', object };
      } catch (error) {
        response.body.discard();
        throw error;
      }
      measure.ended('complete');
    } catch (error) {
      const failure = asUpstreamError(error);
      measure.ended(
        fill.signal.aborted && !(fill.signal.reason instanceof UpstreamError) ? 'abandoned' : failure.code,
      );
      if (!fill.signal.aborted) onFailure(fill, failure);
      fill.settle({ is: 'failed', error: failure });
      end = { is: 'failed', error: failure };
    } finally {
      table.remove(fill);
      fill.finish(end);
    }
  }

  async #take(
    fill: Fill,
    response: UpstreamResponse,
    stale: CachedObject | undefined,
  ): Promise<CachedObject | undefined> {
    const { status, headers } = response;
    if (status === 304 && stale !== undefined) return this.#refresh(fill, response, stale);
    if (status === 200) return this.#takeObject(fill, response);
    response.body.discard();
    if (status === 404 || status === 410) return this.#takeMissing(fill, status);
    if (status < 300) throw new UpstreamError('origin-bad-response', `the origin answered ${status}`);
    fill.settle({ is: 'answered', status, location: headers.location });
    return undefined;
  }

  /** The origin still has the same bytes (RFC 9111 section 4.3.4). */
  #refresh(fill: Fill, response: UpstreamResponse, stale: CachedObject): CachedObject {
    const now = this.#components.wallClock.now();
    const merged = { headers: { ...keptHeaders(stale.head), ...response.headers } };
    const words = originWords(fill.path, merged.headers, now);
    const ruling = rule(words, this.#options.policy, stale.body);
    const head = {
      ...objectHead(fill.path, merged, now, ruling.cacheControl, stale.body.length),
      contentEncoding: stale.head.contentEncoding,
    };
    return this.#store(fill, head, ruling, stale.body, 304, undefined);
  }

  async #takeObject(fill: Fill, response: UpstreamResponse): Promise<CachedObject | undefined> {
    const { policy } = this.#options;
    const { headers } = response;
    const now = this.#components.wallClock.now();
    const totalBytes = contentLength(headers);
    const reason = this.#unstorable(response, totalBytes);
    if (reason !== undefined) {
      this.#goAlone(fill, response, reason);
      return undefined;
    }
    const share = this.#components.memory.open();
    if (totalBytes !== undefined) claim(share, totalBytes);
    const tee = createBodyTee({ totalBytes, keepBytes: this.#options.maxObjectBytes });
    const words = originWords(fill.path, headers, now);
    const waits = needsBody(words, policy);
    if (!waits) {
      const ruling = rule(words, policy, undefined);
      const head = objectHead(fill.path, response, now, ruling.cacheControl, totalBytes);
      fill.settle({ is: 'streaming', head, freshMs: ruling.lifetime.freshMs, tee });
    }
    const hasher = this.#hasherFor(fill, response);
    try {
      await this.#pour({ fill, response, tee, totalBytes, hasher, share, mustKeep: waits });
      const { body } = tee;
      // Grew over the limit on the way: it went to those who waited, and that was all.
      if (body === undefined) {
        hasher?.abort();
        return undefined;
      }
      const ruling = rule(words, policy, body);
      const head = objectHead(fill.path, response, now, ruling.cacheControl, body.length);
      return this.#store(fill, head, ruling, body, 200, hasher);
    } catch (error) {
      hasher?.abort();
      tee.fail(asUpstreamError(error));
      throw error;
    } finally {
      share.release();
    }
  }

  #unstorable(
    { headers, endIsKnown }: UpstreamResponse,
    totalBytes: number | undefined,
  ): NoStoreReason | undefined {
    if (totalBytes !== undefined && totalBytes > this.#options.maxObjectBytes) return 'too-large';
    return (
      storageForbidden(headers['cache-control'], headers.vary) ?? (endIsKnown ? undefined : 'unknown-end')
    );
  }

  #goAlone(fill: Fill, response: UpstreamResponse, reason: NoStoreReason): void {
    const { marks, tier } = this.#components;
    marks.set(fill.key, reason);
    tier.delete(fill.key);
    let free: UpstreamResponse | undefined = response;
    const take = (): UpstreamResponse | undefined => {
      const taken = free;
      free = undefined;
      return taken;
    };
    // Those who wait take it as soon as they hear of it; after that nobody will.
    setImmediate(() => take()?.body.discard());
    fill.settle({ is: 'alone', reason, take });
  }

  async #pour({ fill, response, tee, totalBytes, hasher, share, mustKeep }: Pouring): Promise<void> {
    const { tally } = this.#components;
    for await (const chunk of response.body) {
      tally.receivedBytes += chunk.length;
      if (totalBytes !== undefined && tee.receivedBytes + chunk.length > totalBytes) {
        throw new UpstreamError('origin-length', `more than the ${totalBytes} bytes declared`);
      }
      if (totalBytes === undefined && !tee.overflown) claim(share, chunk.length);
      const room = tee.write(chunk);
      hasher?.update(chunk);
      if (tee.overflown) this.#overflow(fill, mustKeep);
      if (room !== undefined) await room;
    }
    if (totalBytes !== undefined && tee.receivedBytes < totalBytes) {
      throw new UpstreamError('origin-length', `${tee.receivedBytes} of the ${totalBytes} bytes declared`);
    }
    tee.end();
  }

  /** More came than may be stored: those who are here get it all, those who come go alone. */
  #overflow(fill: Fill, mustKeep: boolean): void {
    if (mustKeep) {
      throw new UpstreamError('origin-bad-response', 'the playlist is larger than cache.maxObjectBytes');
    }
    this.#components.marks.set(fill.key, 'too-large');
    this.#components.table.unlist(fill);
    fill.finish({ is: 'not-stored' });
  }

  /** Only bytes that players see as they are: a compressed body is another one to them. */
  #hasherFor(fill: Fill, { headers }: UpstreamResponse): SegmentHasher | undefined {
    const { digests } = this.#components;
    if (headers['content-encoding'] !== undefined || !digests.shouldHash(fill.path)) return undefined;
    return digests.hasher(fill.path);
  }

  #takeMissing(fill: Fill, status: 404 | 410): CachedObject {
    const { wallClock, tier, digests } = this.#components;
    const { negativeMs } = this.#options;
    if (tier.peek(fill.key)?.head.status === 200) digests.invalidate(fill.path);
    const object: CachedObject = {
      key: fill.key,
      path: fill.path,
      head: {
        status,
        contentType: 'application/json',
        cacheControl: `public, max-age=${Math.floor(negativeMs / 1000)}`,
        told: {},
        dateMs: wallClock.now(),
        initialAgeSeconds: 0,
        totalBytes: 0,
      },
      lifetime: { freshMs: negativeMs, staleIfErrorMs: 0 },
      receivedAtMs: wallClock.now(),
      body: Buffer.alloc(0),
      rendered: undefined,
    };
    if (!fill.doomed && negativeMs > 0) tier.set(object);
    else tier.delete(fill.key);
    fill.settle({ is: 'stored', object, originStatus: status });
    return object;
  }

  #store(
    fill: Fill,
    head: ObjectHead,
    { lifetime }: Ruling,
    body: Buffer,
    originStatus: number,
    hasher: SegmentHasher | undefined,
  ): CachedObject {
    const { tier, digests, wallClock, marks } = this.#components;
    const receivedAtMs = wallClock.now();
    const object: CachedObject = {
      ...{ key: fill.key, path: fill.path, head, lifetime, receivedAtMs, body },
      rendered: undefined,
    };
    if (fill.doomed) {
      hasher?.abort();
    } else {
      const before = tier.peek(fill.key);
      if (before !== undefined && before.body !== body && !before.body.equals(body))
        digests.invalidate(fill.path);
      marks.delete(fill.key);
      tier.set(object);
      hasher?.finish(body.length);
    }
    fill.settle({ is: 'stored', object, originStatus });
    return object;
  }
}

/** A body on its way from the origin into the tee. */
interface Pouring {
  readonly fill: Fill;
  readonly response: UpstreamResponse;
  readonly tee: BodyTee;
  readonly totalBytes: number | undefined;
  readonly hasher: SegmentHasher | undefined;
  readonly share: FillShare;
  readonly mustKeep: boolean;
}

function claim(share: FillShare, bytes: number): void {
  if (!share.take(bytes)) throw new UpstreamError('fill-memory', 'limits.fillBytes are on their way already');
}

/** What a 304 may leave out and still counts. */
function keptHeaders(head: ObjectHead): Record<string, string> {
  return {
    'content-type': head.contentType,
    ...(head.etag === undefined ? {} : { etag: head.etag }),
    ...(head.lastModified === undefined ? {} : { 'last-modified': head.lastModified }),
    ...(head.told.cacheControl === undefined ? {} : { 'cache-control': head.told.cacheControl }),
    ...(head.told.expires === undefined ? {} : { expires: head.told.expires }),
  };
}

function asUpstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error;
  return new UpstreamError('origin-cut', messageOf(error), { cause: error });
}
