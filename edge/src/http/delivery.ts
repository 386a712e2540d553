import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CachedObject, freshnessOf } from '../cache/cached-object.js';
import type { ObjectTier } from '../cache/memory-tier.js';
import type { Fill, FillOutcome } from '../fill/fill.js';
import type { FillTable } from '../fill/fill-table.js';
import type { PassMarks } from '../fill/pass-marks.js';
import type { Filler } from '../fill/run-fill.js';
import type { UpstreamError } from '../upstream/upstream-error.js';
import { pumpReader } from './body-pump.js';
import { type CacheStatus, type ForwardReason, formatCacheStatus } from './cache-status.js';
import { type LoneRequest, type LoneRequestComponents, passAlone } from './lone-request.js';
import { isReserved, type RequestKey, type RequestKeyOptions, requestKey } from './request-key.js';
import { responseFields, STATUS_OF } from './response-head.js';
import { planResponse } from './response-plan.js';

export interface DeliveryComponents extends LoneRequestComponents {
  readonly tier: ObjectTier;
  readonly table: FillTable;
  readonly marks: PassMarks;
  readonly filler: Filler;
}

/** A GET or HEAD on its way. */
interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly key: RequestKey;
}

/** A visit that waits for a fill. */
interface Wait extends Visit {
  readonly fill: Fill;
  readonly collapsed: boolean;
  /** What the cache has, no longer fresh. */
  readonly stale: CachedObject | undefined;
}

/** From key to answer: fresh from the cache, else together with others from the origin, else alone. */
export class Delivery {
  readonly #components: DeliveryComponents;
  readonly #options: RequestKeyOptions;

  constructor(components: DeliveryComponents, options: RequestKeyOptions) {
    this.#components = components;
    this.#options = options;
  }

  /** Resolves when the answer is given to the connection or the client has left. */
  async deliver(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { tier, table, marks, filler, responder, wallClock } = this.#components;
    const key = requestKey(request.url ?? '', this.#options);
    if ('refused' in key) return responder.refuse(request, response, key.refused);
    if (isReserved(key.path)) return responder.refuse(request, response, 'no-such-endpoint');
    const visit: Visit = { request, response, key };
    const object = tier.get(key.key);
    if (object !== undefined) {
      const freshness = freshnessOf(object, wallClock.now());
      if (freshness.fresh) {
        const cacheStatus = { hit: true, ttlSeconds: Math.floor(freshness.ttlMs / 1000) } as const;
        return responder.sendObject(request, response, object, freshness, { result: 'hit', cacheStatus });
      }
    }
    const mark = marks.get(key.key);
    if (mark !== undefined) return this.#alone({ ...visit, reason: mark });
    const joined = table.join(key.key, key.path);
    if (joined.role === 'refused') return responder.refuse(request, response, 'fill-limit');
    const { fill, role } = joined;
    if (role === 'writer') void filler.run(fill, key.query, object);
    await this.#wait({ ...visit, fill, collapsed: role === 'reader', stale: object });
  }

  async #wait(wait: Wait): Promise<void> {
    const { fill, response, request } = wait;
    fill.enter();
    if (request.method === 'HEAD') fill.finishAnyway();
    let leave = (): void => {};
    const gone = new Promise<'gone'>((resolve) => {
      leave = () => {
        leave = () => {};
        fill.leave();
        resolve('gone');
      };
      if (response.destroyed) leave();
      else response.once('close', () => leave());
    });
    try {
      const outcome = await Promise.race([fill.outcome, gone]);
      if (outcome !== 'gone') await this.#answer(wait, outcome, gone);
    } finally {
      leave();
    }
  }

  async #answer(wait: Wait, outcome: FillOutcome, gone: Promise<'gone'>): Promise<void> {
    const { request, response, collapsed } = wait;
    const { responder, wallClock } = this.#components;
    switch (outcome.is) {
      case 'streaming':
        return this.#stream(wait, outcome, gone);
      case 'stored': {
        const freshness = freshnessOf(outcome.object, wallClock.now());
        const result = outcome.originStatus === 304 ? 'revalidated' : collapsed ? 'collapsed' : 'miss';
        const cacheStatus: CacheStatus = {
          ...this.#forwarded(wait, outcome.originStatus),
          stored: true,
          ttlSeconds: Math.floor(freshness.ttlMs / 1000),
        };
        return responder.sendObject(request, response, outcome.object, freshness, { result, cacheStatus });
      }
      case 'alone': {
        const begun = request.headers.range === undefined ? outcome.take() : undefined;
        return this.#alone({ ...wait, reason: outcome.reason, begun });
      }
      case 'answered': {
        const { status, location } = outcome;
        const fields = location === undefined ? [] : ['Location', location];
        const cacheStatus = this.#forwarded(wait, status);
        return responder.refuse(request, response, 'origin-refused', { status, cacheStatus, fields });
      }
      case 'failed':
        return this.#failed(wait, outcome.error);
    }
  }

  async #stream(
    wait: Wait,
    outcome: Extract<FillOutcome, { readonly is: 'streaming' }>,
    gone: Promise<'gone'>,
  ): Promise<void> {
    const { request, response, fill, collapsed } = wait;
    const { responder, counters } = this.#components;
    const { head, tee, freshMs } = outcome;
    if (head.totalBytes === undefined && request.headers.range !== undefined && request.method === 'GET') {
      return this.#streamUnknown(wait, fill, gone);
    }
    const plan = planResponse(request.method, request.headers, head);
    const cacheStatus: CacheStatus = {
      ...this.#forwarded(wait, 200),
      stored: true,
      ttlSeconds: Math.floor(freshMs / 1000) - head.initialAgeSeconds,
    };
    if (responder.refusePlan(request, response, plan, cacheStatus)) return;
    const age = head.initialAgeSeconds > 0 ? head.initialAgeSeconds : undefined;
    response.writeHead(STATUS_OF[plan.is], responseFields(head, plan, age, formatCacheStatus(cacheStatus)));
    const result = collapsed ? 'collapsed' : 'miss';
    counters.count(result, 0);
    if (plan.is === 'not-modified' || request.method === 'HEAD') {
      response.end();
      return;
    }
    response.flushHeaders();
    const { start, bytes } =
      plan.is === 'part'
        ? { start: plan.range.start, bytes: plan.range.end - plan.range.start + 1 }
        : { start: 0, bytes: head.totalBytes };
    const reader = tee.reader(start);
    response.once('close', () => reader.close());
    try {
      await pumpReader(reader, response, bytes, (count) => {
        counters.responseBytes[result] += count;
      });
    } catch {
      // The fill has said why, once for all its readers.
      responder.cut(response);
    } finally {
      reader.close();
    }
  }

  /** A part of a body whose length is not known has to wait for it. */
  async #streamUnknown(wait: Wait, fill: Fill, gone: Promise<'gone'>): Promise<void> {
    const end = await Promise.race([fill.ended, gone]);
    if (end === 'gone') return;
    if (end.is === 'failed') return this.#failed(wait, end.error);
    if (end.is === 'not-stored') return this.#alone({ ...wait, reason: 'too-large' });
    await this.#answer(wait, { is: 'stored', object: end.object, originStatus: 200 }, gone);
  }

  #failed(wait: Wait, error: UpstreamError): void {
    const { request, response, stale } = wait;
    const { responder, wallClock } = this.#components;
    const cacheStatus = this.#forwarded(wait, error.originStatus);
    const freshness = stale === undefined ? undefined : freshnessOf(stale, wallClock.now());
    if (stale?.head.status === 200 && freshness?.usableOnError === true) {
      const ttlSeconds = Math.floor(freshness.ttlMs / 1000);
      responder.sendObject(request, response, stale, freshness, {
        result: 'stale',
        cacheStatus: { ...cacheStatus, ttlSeconds, detail: error.code },
      });
      return;
    }
    responder.refuse(request, response, error.code, { cacheStatus, cause: error });
  }

  #alone(lone: LoneRequest): Promise<void> {
    return passAlone(this.#components, lone);
  }

  #forwarded({ stale, collapsed }: Wait, forwardStatus: number | undefined): ForwardedStatus {
    return { hit: false, forward: stale === undefined ? 'uri-miss' : 'stale', forwardStatus, collapsed };
  }
}

interface ForwardedStatus {
  readonly hit: false;
  readonly forward: ForwardReason;
  readonly forwardStatus: number | undefined;
  readonly collapsed: boolean;
}
