import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { firstValue } from '../cache/fields.js';
import type { Freshness, StoredResponse } from '../cache/stored-response.js';
import { type MultipartLayout, multipartLayout } from '../ranges/multipart.js';
import { REFUSALS, type RefusalReason } from '../refusals/refusals.js';
import type { EdgeCounters, Result } from '../telemetry/edge-counters.js';
import type { Log } from '../telemetry/log.js';
import { pumpLent, pumpPieces } from './body-pump.js';
import { type BodySource, bufferSource, multipartBody } from './body-source.js';
import { type CacheStatus, formatCacheStatus, formatRefusedStatus } from './cache-status.js';
import { type ObjectPlan, responseFields, statusOf } from './response-head.js';
import { planResponse, type ResponsePlan } from './response-plan.js';
import type { Site } from './site.js';

export interface RefusalDetails {
  /** Instead of the reason's own. */
  readonly status?: number;
  readonly cacheStatus?: CacheStatus;
  readonly fields?: readonly string[];
  /** For the log only. */
  readonly cause?: unknown;
}

/** A request that is answered, and for which site. */
export interface Answering {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly site: Site;
}

/** Writes answers, and counts them. */
export class Responder {
  readonly #counters: EdgeCounters;
  readonly #log: Log;

  constructor({ counters, log }: { readonly counters: EdgeCounters; readonly log: Log }) {
    this.#counters = counters;
    this.#log = log;
  }

  /**
   * A stored response, or the part, the 304 or the refusal that the request asks for. `source` gives its bytes where
   * they are not its body. Resolves when they are given to the connection.
   */
  async sendObject(
    answering: Answering,
    object: StoredResponse,
    { ageSeconds }: Freshness,
    how: { readonly result: Result; readonly cacheStatus: CacheStatus; readonly source?: BodySource },
  ): Promise<void> {
    const { request, response, site } = answering;
    const { head, refusal } = object;
    if (refusal !== undefined) {
      const fields = [...head.fields, 'Age', String(ageSeconds)];
      this.refuse(answering, refusal, { cacheStatus: how.cacheStatus, fields });
      return;
    }
    const plan = planResponse(request.method, request.headers, head);
    if (this.refusePlan(answering, plan, how.cacheStatus)) return;
    const multipart = multipartFor(plan, object);
    const cacheStatus = formatCacheStatus(how.cacheStatus);
    const cors = site.cors.fields(request.headers.origin);
    response.writeHead(
      statusOf(plan, head),
      responseFields(head, plan, { ageSeconds, cacheStatus, cors, multipart }),
    );
    if (plan.is === 'not-modified' || request.method === 'HEAD') {
      this.#counters.count(how.result, 0);
      response.end();
      return;
    }
    await this.#sendBody(answering, how.source ?? bufferSource(object.body), plan, {
      multipart,
      result: how.result,
      objectBytes: head.totalBytes ?? object.body.length,
    });
  }

  async #sendBody(
    { request, response }: Answering,
    source: BodySource,
    plan: ObjectPlan,
    how: {
      readonly multipart: MultipartLayout | undefined;
      readonly result: Result;
      readonly objectBytes: number;
    },
  ): Promise<void> {
    const { whole } = source;
    this.#counters.count(how.result, 0);
    const count = (bytes: number): void => {
      this.#counters.body(how.result, bytes, request.url);
    };
    if (whole !== undefined && plan.is !== 'parts') {
      const { start, end } = plan.is === 'part' ? plan.range : { start: 0, end: whole.length - 1 };
      count(end - start + 1);
      response.end(plan.is === 'part' ? whole.subarray(start, end + 1) : whole);
      return;
    }
    const range = plan.is === 'part' ? plan.range : { start: 0, end: how.objectBytes - 1 };
    const letGo = source.hold?.();
    const pieces = how.multipart === undefined ? source.read(range) : multipartBody(how.multipart, source);
    try {
      if (letGo !== undefined) {
        const bytes = how.multipart?.totalBytes ?? range.end - range.start + 1;
        await pumpLent(pieces, response, bytes, count);
      } else await pumpPieces(pieces, response, count);
    } catch {
      // Whoever fills has said why, once for all who read.
      this.cut(response);
    } finally {
      letGo?.();
    }
  }

  /** Answers 412 and 416. False: the plan is none of them. */
  refusePlan(
    answering: Answering,
    plan: ResponsePlan,
    cacheStatus: CacheStatus,
  ): plan is Extract<ResponsePlan, { readonly is: 'precondition-failed' | 'unsatisfiable' }> {
    if (plan.is === 'precondition-failed') {
      this.refuse(answering, 'precondition-failed', { cacheStatus });
      return true;
    }
    if (plan.is === 'unsatisfiable') {
      const fields = ['Content-Range', `bytes */${plan.totalBytes}`];
      this.refuse(answering, 'range-not-satisfiable', { cacheStatus, fields });
      return true;
    }
    return false;
  }

  /** Says no, with the reason in body, `Cache-Status`, metrics and log. */
  refuse(
    {
      request,
      response,
      site,
    }: Pick<Answering, 'request' | 'response'> & { readonly site?: Site | undefined },
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
    const { cacheStatus, fields = [] } = details;
    const detailed =
      cacheStatus === undefined ? undefined : formatCacheStatus({ ...cacheStatus, detail: reason });
    response.writeHead(status, [
      ...['Content-Type', 'application/json', 'Content-Length', String(body.length)],
      ...(firstValue(fields, 'cache-control') === undefined ? ['Cache-Control', 'no-store'] : []),
      ...(retryAfterSeconds === undefined ? [] : ['Retry-After', String(retryAfterSeconds)]),
      ...fields,
      ...(site?.cors.fields(request.headers.origin) ?? []),
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

/** Parts of the object's bytes, each with its own type; the boundary is random, so that none can hold it. */
function multipartFor(plan: ResponsePlan, { head }: StoredResponse): MultipartLayout | undefined {
  if (plan.is !== 'parts') return undefined;
  const boundary = randomBytes(18).toString('base64url');
  return multipartLayout(plan.ranges, firstValue(head.fields, 'content-type'), plan.totalBytes, boundary);
}
