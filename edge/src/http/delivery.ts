import type { ObjectTier } from '../cache/memory-tier.js';
import type { NoStoreReason } from '../cache/storability.js';
import { type Freshness, freshnessOf, type StoredResponse } from '../cache/stored-response.js';
import { type VaryIndex, variantOf } from '../cache/vary.js';
import type { Fill, FillOutcome, Streaming } from '../fill/fill.js';
import type { FillTable } from '../fill/fill-table.js';
import type { Filler } from '../fill/filler.js';
import type { FillOrder } from '../fill/order.js';
import type { PassMarks } from '../fill/pass-marks.js';
import { endRequest, requestSpan, type TraceTrust } from '../tracing/request-span.js';
import type { Span, Tracing } from '../tracing/tracing.js';
import type { HopCheck } from '../upstream/eddy-hop.js';
import type { UpstreamError } from '../upstream/upstream-error.js';
import { type BodySource, lentSource } from './body-source.js';
import type { CacheStatus, ForwardReason } from './cache-status.js';
import { Departure } from './departure.js';
import { FillFollowers, statusOfStreaming } from './fill-followers.js';
import { fieldsForFill, forwardedFields, hasLooped } from './forwarded-fields.js';
import { passInfo } from './interim.js';
import { type Invalidation, invalidatedBy } from './invalidation.js';
import { type LoneRequestComponents, passAlone } from './lone-request.js';
import type { RequestKey } from './request-key.js';
import type { Answering } from './responder.js';
import { planResponse } from './response-plan.js';
import type { SendTurns } from './send-turns.js';
import type { Site } from './site.js';
import { SliceReader } from './slice-reader.js';

export interface DeliveryComponents extends LoneRequestComponents {
  readonly tier: ObjectTier;
  readonly table: FillTable;
  readonly marks: PassMarks;
  readonly varies: VaryIndex;
  readonly filler: Filler;
  /** Of all who follow fills. */
  readonly turns: SendTurns;
  /** What is stored under this key is not what the origin has. */
  readonly drop: (key: string) => void;
  /** An unsafe request has changed something at the origin. */
  readonly invalidate: (site: Site, invalidation: Invalidation) => void;
  /** Hears of each GET of a media object. */
  readonly onRequest?: (site: Site, path: string) => void;
  /** Undefined: nothing is recorded. */
  readonly tracing?: Tracing | undefined;
}

export interface DeliveryOptions {
  /** How this edge is called by others, in `Via` and `CDN-Loop`. */
  readonly edgeName: string;
  /** Whether the words of another edge of the PoP are believed. */
  readonly isSibling: HopCheck;
  /** Addresses whose `traceparent` is believed, beside siblings. Default: none. */
  readonly trusted?: TraceTrust['trusted'];
}

/** A request on its way. */
interface Visit extends Answering {
  readonly key: RequestKey;
  /** The object's name apart from its variants, with its site. */
  readonly primaryKey: string;
  /** For the origin, with all that this client says; most who come do not ask it themselves. */
  readonly fields: () => readonly string[];
  readonly fromSibling: boolean;
  /** How often it has started over since what it waited for turned out to be another's. */
  readonly turn: number;
  /** Its way, if that is recorded. */
  readonly span: Span | undefined;
}

/** A visit that waits for a fill. */
interface Wait extends Visit {
  readonly fill: Fill;
  readonly collapsed: boolean;
  /** What the cache has, no longer fresh. */
  readonly stale: StoredResponse | undefined;
  readonly forward: ForwardReason;
}

/** What waits for another's answer that it cannot use asks itself after that many tries. */
const MAX_TURNS = 3;

/** From key to answer: fresh from the cache, else together with others from the origin, else alone. */
export class Delivery {
  readonly #components: DeliveryComponents;
  readonly #edgeName: string;
  readonly #isSibling: HopCheck;
  readonly #trusted: DeliveryOptions['trusted'];
  readonly #slices: SliceReader;
  readonly #followers: FillFollowers;

  constructor(components: DeliveryComponents, { edgeName, isSibling, trusted }: DeliveryOptions) {
    this.#components = components;
    this.#edgeName = edgeName;
    this.#isSibling = isSibling;
    this.#trusted = trusted;
    this.#slices = new SliceReader(components);
    this.#followers = new FillFollowers(components);
  }

  /** Resolves when the answer is given to the connection or the client has left. */
  async deliver(answering: Answering, key: RequestKey): Promise<void> {
    const { responder } = this.#components;
    const { request, site } = answering;
    if (hasLooped(request, this.#edgeName)) return responder.refuse(answering, 'loop-detected');
    const fromSibling = this.#isSibling(
      request.headers['eddy-hop']?.toString(),
      request.socket.remoteAddress,
    );
    const span = requestSpan(
      this.#components.tracing,
      request,
      { trusted: this.#trusted, fromSibling },
      { 'url.path': key.path, 'eddy.site': site.name },
    );
    const visit: Visit = {
      ...answering,
      ...{ key, primaryKey: site.prefix + key.key, fromSibling, turn: 0, span },
      fields: () => forwardedFields(request, this.#edgeName),
    };
    if (span === undefined) return this.#go(visit);
    try {
      await this.#go(visit);
    } finally {
      endRequest(span, answering.response.statusCode);
    }
  }

  async #go(visit: Visit): Promise<void> {
    const { request, site, key } = visit;
    if (request.method === 'GET') {
      this.#components.onRequest?.(site, key.path);
      return this.#lookUp(visit);
    }
    if (request.method === 'HEAD') return this.#head(visit);
    return this.#otherMethod(visit);
  }

  async #lookUp(visit: Visit): Promise<void> {
    const { tier, varies, marks } = this.#components;
    const { primaryKey, request } = visit;
    const key = varies.keyFor(primaryKey, request.rawHeaders);
    const object = tier.get(key);
    const freshness = object === undefined ? undefined : this.#freshnessOf(object);
    if (object !== undefined && freshness !== undefined) {
      if (freshness.fresh) return this.#sendHit(visit, object, freshness, 'hit');
      if (freshness.usableWhileRevalidating) {
        this.#refreshInBackground(visit, key, object);
        return this.#sendHit(visit, object, freshness, 'stale');
      }
    }
    const mark = marks.get(primaryKey);
    if (mark !== undefined) return this.#alone(visit, mark, object === undefined ? 'uri-miss' : 'stale');
    return this.#join(visit, key, object);
  }

  async #join(visit: Visit, key: string, stale: StoredResponse | undefined): Promise<void> {
    const { table, filler, responder } = this.#components;
    const { site, request, primaryKey } = visit;
    // Whose answer depends on who asks waits only for those who ask as he does.
    const credentials = request.headers.authorization;
    const fillKey = credentials === undefined ? key : `${key}\n@${credentials}`;
    const path = site.prefix + visit.key.path;
    const joined = table.join({ key: fillKey, path, fields: request.rawHeaders });
    if (joined.role === 'refused') return responder.refuse(visit, 'fill-limit');
    const { fill, role } = joined;
    if (role === 'writer') void filler.run(fill, this.#order(visit, key, stale));
    const variantMiss = stale === undefined && key !== primaryKey;
    const forward = stale !== undefined ? 'stale' : variantMiss ? 'vary-miss' : 'uri-miss';
    visit.span?.set({ 'eddy.cache.forward': forward, 'eddy.fill.role': role });
    await this.#wait({ ...visit, fill, collapsed: role === 'reader', stale, forward });
  }

  #order(visit: Visit, variantKey: string, stale: StoredResponse | undefined): FillOrder {
    const { site, key, fields, primaryKey, request, response, fromSibling } = visit;
    return {
      ...{ primaryKey, variantKey, source: site, stale, fromSibling },
      ...{ upstreamPath: key.path, upstreamQuery: key.query },
      fields: fieldsForFill(fields()),
      ...(visit.span === undefined ? {} : { span: visit.span }),
      authorized: request.headers.authorization !== undefined,
      onInfo: (status, info) => passInfo(response, status, info),
    };
  }

  /** RFC 5861 section 3: this client has its answer, the next will have a newer one. */
  #refreshInBackground(visit: Visit, key: string, stale: StoredResponse): void {
    const { table, filler } = this.#components;
    if (visit.request.headers.authorization !== undefined || table.has(key)) return;
    const joined = table.join({ key, path: stale.path, fields: visit.request.rawHeaders });
    if (joined.role !== 'writer') return;
    joined.fill.finishAnyway();
    void filler.run(joined.fill, this.#order(visit, key, stale));
  }

  async #wait(wait: Wait): Promise<void> {
    const { fill, response, request } = wait;
    fill.enter();
    if (request.method === 'HEAD') fill.finishAnyway();
    const departure = new Departure(response, () => fill.leave());
    try {
      const outcome = fill.settled ?? (await Promise.race([fill.outcome, departure.gone]));
      if (outcome !== 'gone') await this.#answer(wait, outcome, departure);
    } finally {
      departure.leave();
    }
  }

  async #answer(wait: Wait, outcome: FillOutcome, departure: Departure): Promise<void> {
    const { request, collapsed } = wait;
    switch (outcome.is) {
      case 'streaming':
        if (collapsed && !outcome.shared) return this.#alone(wait, 'no-store', wait.forward);
        if (collapsed && !sameVariant(wait, outcome.vary)) return this.#again(wait);
        return this.#stream(wait, outcome, departure);
      case 'ready':
        if (collapsed && !sameVariant(wait, outcome.object.vary)) return this.#again(wait);
        return this.#sendReady(wait, outcome);
      case 'alone': {
        const begun = request.headers.range === undefined ? outcome.take() : undefined;
        return this.#alone(wait, outcome.reason, wait.forward, begun);
      }
      case 'answered': {
        const { status, location } = outcome;
        const fields = location === undefined ? [] : ['Location', location];
        const cacheStatus = forwarded(wait, status);
        return this.#components.responder.refuse(wait, 'origin-refused', { status, cacheStatus, fields });
      }
      case 'failed':
        return this.#failed(wait, outcome.error);
    }
  }

  /** What was waited for is the answer to another's question. */
  #again(wait: Wait): Promise<void> {
    const visit: Visit = { ...wait, turn: wait.turn + 1 };
    return visit.turn > MAX_TURNS ? this.#alone(visit, 'vary', 'vary-miss') : this.#lookUp(visit);
  }

  async #sendReady(wait: Wait, outcome: Extract<FillOutcome, { readonly is: 'ready' }>): Promise<void> {
    const { object, originStatus, kept, lent } = outcome;
    const freshness = this.#freshnessOf(object);
    if (originStatus === undefined) {
      const source = lent === undefined ? undefined : lentSource(lent);
      return this.#sendHit(wait, object, freshness, 'hit', { detail: 'disk', source });
    }
    const result = originStatus === 304 ? 'revalidated' : wait.collapsed ? 'collapsed' : 'miss';
    const cacheStatus: CacheStatus = {
      ...forwarded(wait, originStatus),
      stored: kept,
      ttlSeconds: Math.floor(freshness.ttlMs / 1000),
    };
    const source = this.#slices.sourceOf(wait, object);
    // An answer that came just now for this request has no age of its own (RFC 9111 section 5.1).
    return this.#components.responder.sendObject(wait, object, freshness, {
      ...{ result, cacheStatus },
      ...(source === undefined ? {} : { source }),
    });
  }

  #sendHit(
    visit: Visit,
    object: StoredResponse,
    freshness: Freshness,
    result: 'hit' | 'stale',
    { detail, source: given }: { readonly detail?: string; readonly source?: BodySource | undefined } = {},
  ): Promise<void> {
    visit.span?.set({ 'eddy.cache.hit': detail ?? result });
    const source = given ?? this.#slices.sourceOf(visit, object);
    return this.#components.responder.sendObject(visit, object, freshness, {
      result,
      cacheStatus: {
        ...{ hit: true, ttlSeconds: Math.floor(freshness.ttlMs / 1000) },
        ...(detail === undefined ? {} : { detail }),
      },
      ...(source === undefined ? {} : { source }),
    });
  }

  async #stream(wait: Wait, streaming: Streaming, departure: Departure): Promise<void> {
    const { request, forward, collapsed } = wait;
    const { responder } = this.#components;
    const { head } = streaming;
    if (head.totalBytes === undefined && request.headers.range !== undefined && request.method === 'GET') {
      return this.#streamWhole(wait, departure);
    }
    const plan = planResponse(request.method, request.headers, head);
    if (plan.is === 'parts') return this.#streamWhole(wait, departure);
    if (responder.refusePlan(wait, plan, statusOfStreaming(streaming, wait))) return;
    await this.#followers.send(wait, streaming, { plan, forward, collapsed });
  }

  /** Several parts, or a part of a body whose length is not known, have to wait for all of it. */
  async #streamWhole(wait: Wait, departure: Departure): Promise<void> {
    const end = await Promise.race([wait.fill.ended, departure.gone]);
    if (end === 'gone') return;
    if (end.is === 'failed') return this.#failed(wait, end.error);
    if (end.is === 'not-stored') return this.#alone(wait, 'too-large', wait.forward);
    const outcome = {
      is: 'ready',
      object: end.object,
      originStatus: end.object.head.status,
      kept: true,
    } as const;
    await this.#sendReady(wait, outcome);
  }

  async #failed(wait: Wait, error: UpstreamError): Promise<void> {
    const { stale } = wait;
    const { responder } = this.#components;
    const cacheStatus = forwarded(wait, error.originStatus);
    const freshness = stale === undefined ? undefined : this.#freshnessOf(stale);
    if (stale !== undefined && freshness?.usableOnError === true) {
      const ttlSeconds = Math.floor(freshness.ttlMs / 1000);
      const source = this.#slices.sourceOf(wait, stale);
      return responder.sendObject(wait, stale, freshness, {
        result: 'stale',
        cacheStatus: { ...cacheStatus, ttlSeconds, detail: error.code },
        ...(source === undefined ? {} : { source }),
      });
    }
    responder.refuse(wait, error.code, { cacheStatus, cause: error });
  }

  /** From the cache where it is there; else a store is asked for the object itself, a web server just for its head. */
  async #head(visit: Visit): Promise<void> {
    const { tier, varies, drop } = this.#components;
    const object = tier.get(varies.keyFor(visit.primaryKey, visit.request.rawHeaders));
    if (visit.site.isStore || (object !== undefined && this.#freshnessOf(object).fresh))
      return this.#lookUp(visit);
    return passAlone(this.#components, {
      ...{ ...visit, reason: 'method', forward: object === undefined ? 'uri-miss' : 'stale' },
      onAnswer: ({ status, headers }) => {
        // RFC 9111 section 4.3.5: what a HEAD says otherwise, the stored body is not any more.
        if (object === undefined || status !== 200) return;
        const { etag, totalBytes } = object.head;
        const length = headers['content-length'];
        const differs =
          (headers.etag !== undefined && etag !== undefined && headers.etag !== etag) ||
          (length !== undefined && Number(length) !== totalBytes);
        if (differs) drop(object.key);
      },
    });
  }

  #otherMethod(visit: Visit): Promise<void> | void {
    const { responder, invalidate } = this.#components;
    const { site, request } = visit;
    if (site.isStore) {
      return responder.refuse(visit, 'method-not-allowed', { fields: ['Allow', 'GET, HEAD, OPTIONS'] });
    }
    return passAlone(this.#components, {
      ...{ ...visit, reason: 'method', forward: 'method' },
      onAnswer: (answer) => {
        const invalidation = invalidatedBy(
          request.method ?? '',
          visit.key.path,
          request.headers.host,
          answer,
        );
        if (invalidation !== undefined) invalidate(site, invalidation);
      },
    });
  }

  #alone(
    visit: Visit,
    reason: NoStoreReason,
    forward: ForwardReason,
    begun?: Parameters<typeof passAlone>[1]['begun'],
  ): Promise<void> {
    return passAlone(this.#components, { ...visit, reason, forward, begun });
  }

  #freshnessOf(object: StoredResponse): Freshness {
    return freshnessOf(object, this.#components.wallClock.now());
  }
}

/** Whether what the first asker was told is also the answer to this request (RFC 9111 section 4.1). */
function sameVariant({ fill, request }: Wait, vary: readonly string[]): boolean {
  return vary.length === 0 || variantOf(vary, fill.fields) === variantOf(vary, request.rawHeaders);
}

interface ForwardedStatus {
  readonly hit: false;
  readonly forward: ForwardReason;
  readonly forwardStatus: number | undefined;
  readonly collapsed: boolean;
}

function forwarded({ forward, collapsed }: Wait, forwardStatus: number | undefined): ForwardedStatus {
  return { hit: false, forward, forwardStatus, collapsed };
}
