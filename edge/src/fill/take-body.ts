import { needsBody, type Ruling, rule } from '../cache/freshness.js';
import {
  forbiddenToShare,
  mayStore,
  type NoStoreReason,
  type OriginWords,
  originWords,
  unkeptFields,
} from '../cache/storability.js';
import type { StoredResponse } from '../cache/stored-response.js';
import { variantOf, varyNames } from '../cache/vary.js';
import type { SegmentHasher } from '../digests/segment-digests.js';
import { asUpstreamError } from '../upstream/upstream-error.js';
import { type BodyTee, createBodyTee } from './body-tee.js';
import { goAlone, keep } from './keep.js';
import type { FillComponents, Taking } from './order.js';
import { claim, pour } from './pour.js';
import { contentLength, dateOf, responseHead, tagsOf } from './response-head.js';
import { sliceLayoutFor } from './slice-layout.js';

/** Makes a whole answer of the origin an object: for those who wait as it comes, and for the cache once it is whole. */
export async function takeBody(
  components: FillComponents,
  taking: Taking,
): Promise<StoredResponse | undefined> {
  const { fill, order, response, exchange } = taking;
  const { source } = order;
  const { memory, allocate } = components;
  const totalBytes = contentLength(response.fields);
  const words = originWords(response.status, response.fields, dateOf(response.fields, exchange.receivedAtMs));
  const reason = unshareable(taking, words, totalBytes);
  if (reason === 'too-large') {
    const object = sliced(taking, words, totalBytes);
    if (object !== undefined) {
      response.body.discard();
      const kept = keep(components, fill, order, object);
      fill.settle({ is: 'ready', object, originStatus: 200, kept });
      return object;
    }
  }
  if (reason !== undefined) {
    goAlone(components, taking, reason);
    return undefined;
  }
  const share = memory.open();
  if (totalBytes !== undefined) claim(share, totalBytes);
  const tee = createBodyTee({ totalBytes, keepBytes: source.maxObjectBytes, allocate });
  const waits = needsBody(fill.path, words, source.policy);
  if (!waits && !announce(taking, words, tee, totalBytes)) {
    // Whoever comes from now on would be given what was already over when he asked.
    components.table.unlist(fill);
  }
  const hasher = hasherFor(components, taking);
  try {
    await pour(components, { taking, tee, totalBytes, hasher, share, mustKeep: waits });
    const { body } = tee;
    // Grew over the limit on the way: it went to those who waited, and that was all.
    if (body === undefined) {
      hasher?.abort();
      return undefined;
    }
    const ruling = rule(fill.path, words, source.policy, body);
    const object = toObject(taking, words, ruling, body);
    const kept =
      mayStore(words) || ruling.cacheControl !== undefined ? keep(components, fill, order, object) : false;
    if (kept) hasher?.finish(body.length);
    else hasher?.abort();
    fill.settle({ is: 'ready', object, originStatus: response.status, kept });
    return object;
  } catch (error) {
    hasher?.abort();
    tee.fail(asUpstreamError(error));
    throw error;
  } finally {
    share.release();
  }
}

/** Tells those who wait before the body is here. False: it may not be used for others. */
function announce(taking: Taking, words: OriginWords, tee: BodyTee, totalBytes: number | undefined): boolean {
  const { fill, order, response, exchange } = taking;
  const { source } = order;
  const ruling = rule(fill.path, words, source.policy, undefined);
  const head = responseHead(response, {
    ...{ path: fill.path, exchange, totalBytes, cacheControl: ruling.cacheControl },
    guessType: source.isStore,
  });
  const kept = ruling.lifetime.freshMs > head.initialAgeMs;
  fill.settle({
    ...{ is: 'streaming', head, lifetime: ruling.lifetime, tee },
    vary: varyNames(response.fields) ?? [],
    kept,
    shared: words.directives.noCache !== true,
  });
  return kept;
}

function toObject(taking: Taking, words: OriginWords, ruling: Ruling, body: Buffer): StoredResponse {
  const { fill, order, response, exchange } = taking;
  const vary = varyNames(response.fields) ?? [];
  return {
    key: order.primaryKey + variantOf(vary, fill.fields),
    path: fill.path,
    head: responseHead(response, {
      ...{ path: fill.path, exchange, totalBytes: body.length, cacheControl: ruling.cacheControl },
      ...{ without: unkeptFields(words.directives), guessType: order.source.isStore },
    }),
    lifetime: ruling.lifetime,
    tags: tagsOf(response.fields),
    vary,
    receivedAtMs: exchange.receivedAtMs,
    body,
    slices: undefined,
    refusal: undefined,
    rendered: undefined,
  };
}

function unshareable(
  { order, response }: Taking,
  words: OriginWords,
  totalBytes: number | undefined,
): NoStoreReason | undefined {
  const reason = forbiddenToShare(words, order.authorized);
  if (reason !== undefined) return reason;
  if (totalBytes !== undefined && totalBytes > order.source.maxObjectBytes) return 'too-large';
  return response.endIsKnown ? undefined : 'unknown-end';
}

/** A large object that the origin gives in parts of one version. */
function sliced(
  taking: Taking,
  words: OriginWords,
  totalBytes: number | undefined,
): StoredResponse | undefined {
  const slices = sliceLayoutFor(taking);
  if (slices === undefined || totalBytes === undefined) return undefined;
  const ruling = rule(taking.fill.path, words, taking.order.source.policy, undefined);
  const object = toObject(taking, words, ruling, Buffer.alloc(0));
  return { ...object, head: { ...object.head, totalBytes }, slices };
}

/** Only bytes that players see as they are: a compressed body is another one to them. */
function hasherFor(components: FillComponents, { fill, response }: Taking): SegmentHasher | undefined {
  const { digests } = components;
  if (response.status !== 200 || response.headers['content-encoding'] !== undefined) return undefined;
  return digests.shouldHash(fill.path) ? digests.hasher(fill.path) : undefined;
}
