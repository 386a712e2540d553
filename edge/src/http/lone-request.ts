import type { IncomingMessage } from 'node:http';
import { BodyTooLargeError, boundedBody } from '../access/bounded-body.js';
import { type NoStoreReason, originWords } from '../cache/storability.js';
import type { Clock } from '../components.js';
import { contentLength, responseHead } from '../fill/response-head.js';
import { parseContentRange, parseRange } from '../ranges/ranges.js';
import type { EdgeCounters, UpstreamTally } from '../telemetry/edge-counters.js';
import type { Span } from '../tracing/tracing.js';
import type { UpstreamRequest, UpstreamResponse } from '../upstream/upstream.js';
import { messageOf, UpstreamError } from '../upstream/upstream-error.js';
import { pumpUpstream } from './body-pump.js';
import { type CacheStatus, type ForwardReason, formatCacheStatus } from './cache-status.js';
import { judgePreconditions, rangeApplies } from './conditionals.js';
import { passInfo } from './interim.js';
import type { RequestKey } from './request-key.js';
import type { Answering, Responder } from './responder.js';
import { type ObjectPlan, responseFields, statusOf } from './response-head.js';

export interface LoneRequestComponents {
  readonly responder: Responder;
  readonly counters: EdgeCounters;
  readonly tally: UpstreamTally;
  /** Since the epoch. */
  readonly wallClock: Clock;
}

export interface LoneRequest extends Answering {
  readonly key: RequestKey;
  readonly reason: NoStoreReason;
  readonly forward: ForwardReason;
  /** Request fields for the origin. */
  readonly fields: () => readonly string[];
  readonly fromSibling?: boolean;
  /** Its way, if that is recorded. */
  readonly span?: Span | undefined;
  /** A whole answer that a fill has begun. */
  readonly begun?: UpstreamResponse | undefined;
  /** Hears of the origin's answer before it goes on. */
  readonly onAnswer?: ((answer: UpstreamResponse) => void) | undefined;
}

/** Passes one request to the origin and its answer back: no one shares it and nothing is stored. */
export async function passAlone(components: LoneRequestComponents, lone: LoneRequest): Promise<void> {
  const { tally, responder } = components;
  const abort = new AbortController();
  const onClose = (): void => abort.abort(new Error('the client left'));
  lone.response.once('close', onClose);
  const measure = tally.begin();
  try {
    const answer = lone.begun ?? (await ask(lone, abort.signal));
    measure.answered(answer.status);
    lone.onAnswer?.(answer);
    try {
      if (lone.site.isStore) await passStored(components, lone, answer, abort.signal);
      else await send(components, lone, answer, { is: 'whole' });
    } finally {
      answer.body.discard();
    }
    measure.ended('complete');
  } catch (error) {
    const gone = abort.signal.aborted;
    if (
      error instanceof BodyTooLargeError ||
      (error instanceof Error && error.cause instanceof BodyTooLargeError)
    ) {
      measure.ended('abandoned');
      responder.refuse(lone, 'body-too-large', { fields: ['Connection', 'close'] });
      return;
    }
    const failure =
      error instanceof UpstreamError ? error : new UpstreamError('origin-cut', messageOf(error));
    measure.ended(gone ? 'abandoned' : failure.code);
    if (gone) return;
    const cacheStatus: CacheStatus = {
      ...{ hit: false, forward: lone.forward, forwardStatus: failure.originStatus },
    };
    responder.refuse(lone, failure.code, { cacheStatus, cause: failure });
  } finally {
    lone.response.off('close', onClose);
  }
}

/** To a web server the client's own words go unchanged; to a store of files what it understands. */
function ask(lone: LoneRequest, signal: AbortSignal): Promise<UpstreamResponse> {
  const { request, response, site, key, fields } = lone;
  const { method = 'GET', headers } = request;
  if (site.isStore) {
    const range = method === 'GET' ? parseRange(headers.range) : undefined;
    return site.upstream.fetch({ path: key.path, query: key.query, range, span: lone.span }, signal);
  }
  return site.upstream.fetch(
    {
      ...{ method, path: key.path, query: key.query, fields: fields(), ...bodyOf(lone) },
      ...(lone.fromSibling === true ? { fromSibling: true } : {}),
      span: lone.span,
      onInfo: (status, info) => passInfo(response, status, info),
    },
    signal,
  );
}

/** A request has a body where it says how it ends (RFC 9112 section 6.3). */
function bodyOf({
  request,
  site: { bodyBytes: limitBytes },
}: LoneRequest): Pick<UpstreamRequest, 'body' | 'bodyBytes'> {
  const length = request.headers['content-length'];
  if (length === undefined && request.headers['transfer-encoding'] === undefined) return {};
  return {
    body: piecesOf(request, limitBytes),
    ...(length === undefined ? {} : { bodyBytes: Number(length) }),
  };
}

async function* piecesOf(
  request: IncomingMessage,
  limitBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const piece of boundedBody(request, limitBytes)) {
    yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  }
}

/** What a store of files has cannot be shared: ranges and conditions are answered here, from what it says of it. */
async function passStored(
  components: LoneRequestComponents,
  lone: LoneRequest,
  answer: UpstreamResponse,
  signal: AbortSignal,
): Promise<void> {
  const { responder } = components;
  const { request } = lone;
  const { status, headers } = answer;
  const cacheStatus = statusOfLone(lone, status);
  if (status === 404 || status === 410) {
    responder.refuse(lone, status === 410 ? 'gone' : 'not-found', { cacheStatus });
    return;
  }
  if (status === 416) {
    const range = headers['content-range'];
    const fields = range === undefined ? [] : ['Content-Range', range];
    responder.refuse(lone, 'range-not-satisfiable', { cacheStatus, fields });
    return;
  }
  if (status >= 500) {
    responder.refuse(lone, status === 503 ? 'origin-unavailable' : 'origin-error', { cacheStatus });
    return;
  }
  if (status !== 200 && status !== 206) {
    const fields = headers.location === undefined ? [] : ['Location', headers.location];
    responder.refuse(lone, 'origin-refused', { status, cacheStatus, fields });
    return;
  }
  const validators = { etag: headers.etag, lastModified: headers['last-modified'] };
  const verdict = judgePreconditions(request.headers, validators);
  if (verdict === 'precondition-failed') {
    responder.refuse(lone, 'precondition-failed', { cacheStatus });
    return;
  }
  // Only the answer's validator tells whether the range still applies: if not, it is asked for again, whole.
  if (status === 206 && !rangeApplies(request.headers['if-range']?.toString(), validators)) {
    answer.body.discard();
    const { path, query } = lone.key;
    const whole = await lone.site.upstream.fetch({ path, query }, signal);
    if (whole.status === 206)
      throw new UpstreamError('origin-bad-response', 'a part of what was asked for whole');
    try {
      await passStored(components, lone, whole, signal);
    } finally {
      whole.body.discard();
    }
    return;
  }
  await send(components, lone, answer, verdict === 'not-modified' ? { is: 'not-modified' } : planOf(answer));
}

async function send(
  { counters, wallClock, tally }: LoneRequestComponents,
  lone: LoneRequest,
  answer: UpstreamResponse,
  plan: ObjectPlan,
): Promise<void> {
  const { request, response, site, key } = lone;
  const totalBytes = contentLength(answer.fields);
  const nowMs = wallClock.now();
  const said = originWords(answer.status, answer.fields, nowMs);
  const unsaid =
    site.isStore &&
    said.directives.maxAgeSeconds === undefined &&
    answer.headers['cache-control'] === undefined;
  const head = responseHead(answer, {
    ...{ path: key.path, exchange: { sentAtMs: nowMs, receivedAtMs: nowMs }, totalBytes },
    ...{ cacheControl: unsaid ? 'no-cache' : undefined, guessType: site.isStore },
  });
  const fields = responseFields(head, plan, {
    ageSeconds: undefined,
    cacheStatus: formatCacheStatus(statusOfLone(lone, answer.status)),
    cors: site.cors.fields(request.headers.origin),
    offersParts: site.isStore,
  });
  if (!site.isStore) keepUnchanged(fields, answer, totalBytes);
  response.writeHead(plan.is === 'whole' ? answer.status : statusOf(plan, head), fields);
  counters.count('pass', 0);
  const bodyless = answer.status === 204 || answer.status === 304;
  if (plan.is === 'not-modified' || request.method === 'HEAD' || bodyless) {
    response.end();
    return;
  }
  // So that a client sees an answer that takes its time.
  response.flushHeaders();
  await pumpUpstream(answer, response, totalBytes, (bytes) => {
    tally.received(answer, bytes);
    counters.body('pass', bytes, request.url);
  });
}

/** `Age` and `Content-Range` of what is only passed on are the origin's. */
function keepUnchanged(fields: string[], answer: UpstreamResponse, totalBytes: number | undefined): void {
  const { age } = answer.headers;
  const range = answer.headers['content-range'];
  if (age !== undefined) fields.push('Age', age);
  if (range !== undefined) fields.push('Content-Range', range);
  const bodyless = answer.status === 204 || answer.status === 304;
  if (bodyless && totalBytes !== undefined && answer.status === 304)
    fields.push('Content-Length', String(totalBytes));
}

function planOf({ status, headers }: UpstreamResponse): ObjectPlan {
  if (status === 200) return { is: 'whole' };
  const range = parseContentRange(headers['content-range']);
  if (range?.totalBytes === undefined) {
    throw new UpstreamError(
      'origin-bad-response',
      `Content-Range is ${JSON.stringify(headers['content-range'])}`,
    );
  }
  return { is: 'part', range, totalBytes: range.totalBytes };
}

function statusOfLone({ forward, reason }: LoneRequest, forwardStatus: number): CacheStatus {
  return { hit: false, forward, forwardStatus, ...(reason === 'method' ? {} : { detail: reason }) };
}
