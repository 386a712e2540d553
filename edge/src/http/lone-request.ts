import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NoStoreReason } from '../cache/freshness.js';
import type { Clock } from '../components.js';
import { contentLength, objectHead } from '../fill/object-head.js';
import { type AskedRange, parseContentRange, parseRange } from '../ranges/ranges.js';
import type { EdgeCounters, UpstreamTally } from '../telemetry/edge-counters.js';
import type { Upstream, UpstreamResponse } from '../upstream/upstream.js';
import { messageOf, serverError, UpstreamError } from '../upstream/upstream-error.js';
import { pumpUpstream } from './body-pump.js';
import { type CacheStatus, formatCacheStatus } from './cache-status.js';
import { judgePreconditions, rangeApplies } from './conditionals.js';
import type { RequestKey } from './request-key.js';
import type { Responder } from './responder.js';
import { type ObjectPlan, responseFields, STATUS_OF } from './response-head.js';

export interface LoneRequestComponents {
  readonly upstream: Upstream;
  readonly responder: Responder;
  readonly counters: EdgeCounters;
  readonly tally: UpstreamTally;
  /** Since the epoch. */
  readonly wallClock: Clock;
}

export interface LoneRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly key: RequestKey;
  readonly reason: NoStoreReason;
  /** A whole 200 that a fill has begun. */
  readonly begun?: UpstreamResponse | undefined;
}

/** Passes one request to the origin and its answer back: no one shares it and nothing is stored. */
export async function passAlone(components: LoneRequestComponents, lone: LoneRequest): Promise<void> {
  const { tally, responder } = components;
  const abort = new AbortController();
  const onClose = (): void => abort.abort(new Error('the client left'));
  lone.response.once('close', onClose);
  const measure = tally.begin();
  try {
    const answer = lone.begun ?? (await ask(components, lone, askedRange(lone.request), abort.signal));
    if (answer.status >= 500) {
      answer.body.discard();
      throw serverError(answer.status);
    }
    measure.answered(answer.status);
    try {
      await passBack(components, lone, answer, abort.signal);
    } finally {
      answer.body.discard();
    }
    measure.ended('complete');
  } catch (error) {
    const gone = abort.signal.aborted;
    const failure =
      error instanceof UpstreamError ? error : new UpstreamError('origin-cut', messageOf(error));
    measure.ended(gone ? 'abandoned' : failure.code);
    if (gone) return;
    const cacheStatus: CacheStatus = { hit: false, forward: 'bypass', forwardStatus: failure.originStatus };
    responder.refuse(lone.request, lone.response, failure.code, { cacheStatus, cause: failure });
  } finally {
    lone.response.off('close', onClose);
  }
}

function askedRange({ method, headers }: IncomingMessage): AskedRange | undefined {
  return method === 'GET' ? parseRange(headers.range) : undefined;
}

function ask(
  { upstream }: LoneRequestComponents,
  { key }: LoneRequest,
  range: AskedRange | undefined,
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  return upstream.fetch({ path: key.path, query: key.query, range }, signal);
}

async function passBack(
  components: LoneRequestComponents,
  lone: LoneRequest,
  answer: UpstreamResponse,
  signal: AbortSignal,
): Promise<void> {
  const { responder } = components;
  const { request, response } = lone;
  const { status, headers } = answer;
  const cacheStatus: CacheStatus = {
    hit: false,
    forward: 'bypass',
    forwardStatus: status,
    detail: lone.reason,
  };
  if (status === 404 || status === 410) {
    responder.refuse(request, response, status === 410 ? 'gone' : 'not-found', { cacheStatus });
    return;
  }
  if (status === 416) {
    const range = headers['content-range'];
    const fields = range === undefined ? [] : ['Content-Range', range];
    responder.refuse(request, response, 'range-not-satisfiable', { cacheStatus, fields });
    return;
  }
  if (status !== 200 && status !== 206) {
    const fields = headers.location === undefined ? [] : ['Location', headers.location];
    responder.refuse(request, response, 'origin-refused', { status, cacheStatus, fields });
    return;
  }
  const validators = { etag: headers.etag, lastModified: headers['last-modified'] };
  const verdict = judgePreconditions(request.headers, validators);
  if (verdict === 'precondition-failed') {
    responder.refuse(request, response, 'precondition-failed', { cacheStatus });
    return;
  }
  // Only the answer's validator tells whether the range still applies: if not, it is asked for again, whole.
  if (status === 206 && !rangeApplies(request.headers['if-range']?.toString(), validators)) {
    answer.body.discard();
    const whole = await ask(components, lone, undefined, signal);
    if (whole.status === 206)
      throw new UpstreamError('origin-bad-response', 'a part of what was asked for whole');
    try {
      await passBack(components, lone, whole, signal);
    } finally {
      whole.body.discard();
    }
    return;
  }
  await send(components, lone, answer, verdict === 'not-modified', cacheStatus);
}

async function send(
  { counters, wallClock, tally }: LoneRequestComponents,
  { request, response, key }: LoneRequest,
  answer: UpstreamResponse,
  notModified: boolean,
  cacheStatus: CacheStatus,
): Promise<void> {
  const totalBytes = contentLength(answer.headers);
  const goesOut = answer.headers['cache-control'] ?? 'no-cache';
  const head = objectHead(key.path, answer, wallClock.now(), goesOut, totalBytes);
  const plan = notModified ? ({ is: 'not-modified' } as const) : planOf(answer);
  response.writeHead(
    STATUS_OF[plan.is],
    responseFields(head, plan, undefined, formatCacheStatus(cacheStatus)),
  );
  counters.count('pass', 0);
  if (plan.is === 'not-modified' || request.method === 'HEAD') {
    response.end();
    return;
  }
  await pumpUpstream(answer, response, totalBytes, (bytes) => {
    tally.receivedBytes += bytes;
    counters.responseBytes.pass += bytes;
  });
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
