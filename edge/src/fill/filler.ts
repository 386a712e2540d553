import type { FieldList } from '../cache/fields.js';
import { rule } from '../cache/freshness.js';
import { originWords } from '../cache/storability.js';
import { freshnessOf, type StoredResponse } from '../cache/stored-response.js';
import type { UpstreamRequest } from '../upstream/upstream.js';
import { asUpstreamError, serverError, UpstreamError } from '../upstream/upstream-error.js';
import type { BackingHit } from './backing-store.js';
import type { Fill, FillEnd } from './fill.js';
import { keep } from './keep.js';
import { isMissing, missingObject } from './missing.js';
import type { FillComponents, FillOrder, Taking } from './order.js';
import { isAbout, refreshedFields } from './refreshed.js';
import { dateOf, responseHead, tagsOf } from './response-head.js';
import { takeSlice } from './slice-fill.js';
import { takeBody } from './take-body.js';

/** Runs fills to their end, apart from the requests that wait for them. */
export class Filler {
  readonly #components: FillComponents;

  constructor(components: FillComponents) {
    this.#components = components;
  }

  /** Never rejects: whoever waits learns the end from the fill. */
  async run(fill: Fill, order: FillOrder): Promise<void> {
    const { table, onFailure } = this.#components;
    let end: FillEnd = { is: 'not-stored' };
    const span = order.span?.child('fill', { 'url.path': fill.path });
    try {
      const object = await this.#fetch(fill, span === undefined ? order : { ...order, span });
      if (object !== undefined) end = { is: 'stored', object };
    } catch (error) {
      const failure = asUpstreamError(error);
      if (!fill.signal.aborted) onFailure(fill, failure);
      fill.settle({ is: 'failed', error: failure });
      end = { is: 'failed', error: failure };
    } finally {
      span?.set({ 'eddy.fill.end': end.is });
      span?.end(end.is === 'failed' ? (fill.signal.aborted ? 'abandoned' : end.error.code) : undefined);
      table.remove(fill);
      fill.finish(end);
    }
  }

  async #fetch(fill: Fill, order: FillOrder): Promise<StoredResponse | undefined> {
    if (order.stale !== undefined) return this.#ask(fill, order);
    const found = await this.#fromDisk(fill, order);
    if (found === undefined) return this.#ask(fill, order);
    const { object, lent } = found;
    const { wallClock } = this.#components;
    // A part is as fresh as the object it belongs to.
    if (order.slice === undefined && lent === undefined && !freshnessOf(object, wallClock.now()).fresh) {
      return this.#ask(fill, { ...order, stale: object });
    }
    fill.settle({ is: 'ready', object, originStatus: undefined, kept: true, lent });
    // Those who wait begin to read in this turn; nobody can join any more.
    if (lent !== undefined) setImmediate(() => lent.release());
    return lent === undefined ? object : undefined;
  }

  /** Parts are put together by who asked for them, so they come whole. */
  async #fromDisk(
    fill: Fill,
    { variantKey, slice, span: parent }: FillOrder,
  ): Promise<BackingHit | undefined> {
    const { backing, tier } = this.#components;
    if (!backing.mayHave(variantKey)) return undefined;
    const span = parent?.child('lookup', { 'eddy.cache.tier': 'disk' });
    const found = await (slice === undefined ? backing.open(variantKey) : backing.read(variantKey));
    span?.set({ 'eddy.cache.hit': found !== undefined });
    span?.end();
    if (found === undefined) return undefined;
    if (fill.isPurged(found.object.tags)) {
      found.lent?.release();
      return undefined;
    }
    if (found.toMemory) tier.set(found.object);
    return found;
  }

  async #ask(fill: Fill, order: FillOrder): Promise<StoredResponse | undefined> {
    const { tally, wallClock } = this.#components;
    const measure = tally.begin();
    try {
      const sentAtMs = wallClock.now();
      let response = await order.source.upstream.fetch(upstreamRequest(order), fill.signal);
      measure.answered(response.status);
      if (
        response.status === 304 &&
        order.stale !== undefined &&
        !isAbout(response.fields, order.stale.head)
      ) {
        // It says nothing of what is stored, so it is asked for whole (RFC 9111 section 4.3.3).
        response.body.discard();
        response = await order.source.upstream.fetch(
          upstreamRequest({ ...order, stale: undefined }),
          fill.signal,
        );
      }
      const exchange = { sentAtMs, receivedAtMs: wallClock.now() };
      try {
        const object = await this.#take({ fill, order, response, exchange });
        measure.ended('complete');
        return object;
      } catch (error) {
        response.body.discard();
        throw error;
      }
    } catch (error) {
      const gaveUp = fill.signal.aborted && !(fill.signal.reason instanceof UpstreamError);
      measure.ended(gaveUp ? 'abandoned' : asUpstreamError(error).code);
      throw error;
    }
  }

  async #take(taking: Taking): Promise<StoredResponse | undefined> {
    const { fill, order, response, exchange } = taking;
    const { status } = response;
    const { stale, source } = order;
    if (order.slice !== undefined) return takeSlice(this.#components, taking, order.slice);
    if (status === 304 && stale !== undefined) {
      response.body.discard();
      return this.#refresh(taking, stale);
    }
    const usable = stale !== undefined && freshnessOf(stale, exchange.receivedAtMs).usableOnError;
    if (status >= 500 && (source.isStore || usable)) throw serverError(status);
    if (status < 200 || status === 206 || status === 304) {
      throw new UpstreamError('origin-bad-response', `the origin answered ${status}`);
    }
    if (!source.isStore || status === 200) return takeBody(this.#components, taking);
    response.body.discard();
    if (isMissing(status)) return this.#takeMissing(taking, status);
    fill.settle({ is: 'answered', status, location: response.headers.location });
    return undefined;
  }

  /** The origin still has the same bytes (RFC 9111 section 4.3.4). */
  #refresh({ fill, order, response, exchange }: Taking, stale: StoredResponse): StoredResponse {
    const { source } = order;
    const fields = refreshedFields(stale.head.fields, response.fields);
    const words = originWords(stale.head.status, fields, dateOf(response.fields, exchange.receivedAtMs));
    const ruling = rule(stale.path, words, source.policy, stale.body);
    const head = responseHead(
      { status: stale.head.status, fields: [...fields, ...ageField(response.fields)] },
      {
        ...{ path: stale.path, exchange, totalBytes: stale.head.totalBytes },
        ...{ cacheControl: ruling.cacheControl, guessType: false },
      },
    );
    const object: StoredResponse = {
      ...stale,
      ...{ head, lifetime: ruling.lifetime, tags: tagsOf(fields), receivedAtMs: exchange.receivedAtMs },
      rendered: undefined,
    };
    const kept = keep(this.#components, fill, order, object);
    fill.settle({ is: 'ready', object, originStatus: 304, kept });
    return object;
  }

  #takeMissing({ fill, order, response, exchange }: Taking, status: 404 | 410): StoredResponse {
    const { digests, tier } = this.#components;
    if (tier.peek(order.variantKey)?.head.status === 200) digests.invalidate(fill.path);
    const words = originWords(status, response.fields, exchange.receivedAtMs);
    const ruling = rule(fill.path, words, order.source.policy, undefined);
    const object = missingObject({
      key: order.primaryKey,
      path: fill.path,
      status,
      ruling,
      nowMs: exchange.receivedAtMs,
    });
    const kept = keep(this.#components, fill, order, object);
    fill.settle({ is: 'ready', object, originStatus: status, kept });
    return object;
  }
}

function upstreamRequest(order: FillOrder): UpstreamRequest {
  const { stale, slice } = order;
  return {
    ...{ method: 'GET', path: order.upstreamPath, query: order.upstreamQuery, fields: order.fields },
    ...(order.fromSibling === true ? { fromSibling: true } : {}),
    ...(order.span === undefined ? {} : { span: order.span }),
    onInfo: order.onInfo,
    ...(slice === undefined ? {} : { range: slice.range }),
    ...(stale !== undefined && stale.refusal === undefined
      ? { unlessEtag: stale.head.etag, unlessModifiedSince: stale.head.lastModified }
      : {}),
  };
}

function ageField(fields: FieldList): string[] {
  const found: string[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at]?.toLowerCase() === 'age') found.push('Age', fields[at + 1] ?? '');
  }
  return found;
}
