import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CachedObject, Freshness } from '../cache/cached-object.js';
import { REFUSALS, type RefusalReason } from '../refusals/refusals.js';
import type { EdgeCounters, Result } from '../telemetry/edge-counters.js';
import type { Log } from '../telemetry/log.js';
import { type CacheStatus, formatCacheStatus, formatRefusedStatus } from './cache-status.js';
import { CORS_FIELDS } from './cors.js';
import { responseFields, STATUS_OF } from './response-head.js';
import { planResponse, type ResponsePlan } from './response-plan.js';

export interface RefusalDetails {
  /** Instead of the reason's own. */
  readonly status?: number;
  readonly cacheStatus?: CacheStatus;
  readonly fields?: readonly string[];
  /** For the log only. */
  readonly cause?: unknown;
}

/** Writes answers that need no more waiting, and counts them. */
export class Responder {
  readonly #counters: EdgeCounters;
  readonly #log: Log;

  constructor({ counters, log }: { readonly counters: EdgeCounters; readonly log: Log }) {
    this.#counters = counters;
    this.#log = log;
  }

  /** A whole 200 in the cache, or the part, the 304 or the refusal that the request asks for. */
  sendObject(
    request: IncomingMessage,
    response: ServerResponse,
    object: CachedObject,
    { ageSeconds }: Freshness,
    how: { readonly result: Result; readonly cacheStatus: CacheStatus },
  ): void {
    if (object.head.status !== 200) {
      this.refuse(request, response, object.head.status === 410 ? 'gone' : 'not-found', {
        cacheStatus: how.cacheStatus,
        fields: ['Cache-Control', object.head.cacheControl, 'Age', String(ageSeconds)],
      });
      return;
    }
    const plan = planResponse(request.method, request.headers, object.head);
    if (this.refusePlan(request, response, plan, how.cacheStatus)) return;
    const fields = responseFields(object.head, plan, ageSeconds, formatCacheStatus(how.cacheStatus));
    response.writeHead(STATUS_OF[plan.is], fields);
    if (plan.is === 'not-modified' || request.method === 'HEAD') {
      this.#counters.count(how.result, 0);
      response.end();
      return;
    }
    const { start, end } = plan.is === 'part' ? plan.range : { start: 0, end: object.body.length - 1 };
    this.#counters.count(how.result, end - start + 1);
    response.end(plan.is === 'part' ? object.body.subarray(start, end + 1) : object.body);
  }

  /** Answers 412 and 416. False: the plan is none of them. */
  refusePlan(
    request: IncomingMessage,
    response: ServerResponse,
    plan: ResponsePlan,
    cacheStatus: CacheStatus,
  ): plan is Extract<ResponsePlan, { readonly is: 'precondition-failed' | 'unsatisfiable' }> {
    if (plan.is === 'precondition-failed') {
      this.refuse(request, response, 'precondition-failed', { cacheStatus });
      return true;
    }
    if (plan.is === 'unsatisfiable') {
      const fields = ['Content-Range', `bytes */${plan.totalBytes}`];
      this.refuse(request, response, 'range-not-satisfiable', { cacheStatus, fields });
      return true;
    }
    return false;
  }

  /** Says no, with the reason in body, `Cache-Status`, metrics and log. */
  refuse(
    request: IncomingMessage,
    response: ServerResponse,
    reason: RefusalReason,
    details: RefusalDetails = {},
  ): void {
    this.#counters.refuse(reason);
    const { message, retryAfterSeconds, status: usual } = REFUSALS[reason];
    const status = details.status ?? usual;
    // Without the query: it may carry a viewer's token.
    const path = request.url?.split('?', 1)[0];
    const notice = { reason, status, method: request.method, path, err: details.cause };
    if (status >= 500) this.#log.warn(notice, 'refused');
    else this.#log.debug(notice, 'refused');
    if (response.headersSent) {
      this.cut(response);
      return;
    }
    const body = Buffer.from(`${JSON.stringify({ error: reason, message })}\n`);
    const { cacheStatus } = details;
    const detailed =
      cacheStatus === undefined ? undefined : formatCacheStatus({ ...cacheStatus, detail: reason });
    response.writeHead(status, [
      ...['Content-Type', 'application/json', 'Content-Length', String(body.length)],
      ...(details.fields?.includes('Cache-Control') === true ? [] : ['Cache-Control', 'no-store']),
      ...(retryAfterSeconds === undefined ? [] : ['Retry-After', String(retryAfterSeconds)]),
      ...(details.fields ?? []),
      ...CORS_FIELDS,
      ...['Cache-Status', detailed ?? formatRefusedStatus(reason)],
    ]);
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  /**
   * Breaks the connection, so that no one takes what was sent for the whole. To HTTP/1.0 an orderly close may be the
   * body's end, so there it is a reset; elsewhere that would take back what is still on its way.
   */
  cut(response: ServerResponse): void {
    this.#counters.cuts++;
    if (response.req.httpVersion === '1.0') response.socket?.resetAndDestroy();
    else response.destroy();
  }
}
