import type { ResponseHead } from '../cache/stored-response.js';
import type { BodyTee } from '../fill/body-tee.js';
import type { EdgeCounters } from '../telemetry/edge-counters.js';
import { followBody } from './body-sender.js';
import { type CacheStatus, formatCacheStatus } from './cache-status.js';
import type { Answering, Responder } from './responder.js';
import { type ObjectPlan, responseFields, type SaidOfResponse, statusOf } from './response-head.js';
import type { SendTurns } from './send-turns.js';

export interface FillFollowersComponents {
  readonly responder: Responder;
  readonly counters: EdgeCounters;
  readonly turns: SendTurns;
}

/** What is on its way, and as what somebody gets it. */
export interface Followed {
  readonly head: ResponseHead;
  readonly tee: BodyTee;
  readonly plan: ObjectPlan;
  readonly cacheStatus: CacheStatus;
  readonly result: 'collapsed' | 'miss';
}

/** Answers requests with what is still being filled. */
export class FillFollowers {
  readonly #components: FillFollowersComponents;
  /** Heads of fills under way, as they were last sent: hundreds who follow one get the same. */
  readonly #rendered = new WeakMap<
    ResponseHead,
    { readonly said: SaidOfResponse; readonly fields: string[] }
  >();

  constructor(components: FillFollowersComponents) {
    this.#components = components;
  }

  /** Resolves when the answer is given to the connection or the client has left. */
  async send({ request, response, site }: Answering, followed: Followed): Promise<void> {
    const { responder, counters, turns } = this.#components;
    const { head, tee, plan, cacheStatus, result } = followed;
    const said = {
      ageSeconds: head.initialAgeMs >= 1000 ? Math.floor(head.initialAgeMs / 1000) : undefined,
      cacheStatus: formatCacheStatus(cacheStatus),
      cors: site.cors.fields(request.headers.origin),
    };
    const fields = plan.is === 'whole' ? this.#wholeFields(head, said) : responseFields(head, plan, said);
    response.writeHead(statusOf(plan, head), fields);
    counters.count(result, 0);
    if (plan.is === 'not-modified' || request.method === 'HEAD') {
      response.end();
      return;
    }
    const { start, bytes } =
      plan.is === 'part'
        ? { start: plan.range.start, bytes: plan.range.end - plan.range.start + 1 }
        : { start: 0, bytes: head.totalBytes };
    const reader = tee.reader(start);
    const onBytes = (count: number): void => {
      counters.body(result, count, request.url);
    };
    try {
      await followBody({ reader, response, turns, onBytes }, bytes);
    } catch {
      // The fill has said why, once for all its readers.
      responder.cut(response);
    } finally {
      reader.close();
    }
  }

  #wholeFields(head: ResponseHead, said: SaidOfResponse): string[] {
    const known = this.#rendered.get(head);
    if (known?.said.cacheStatus === said.cacheStatus && known.said.cors === said.cors) return known.fields;
    const fields = responseFields(head, { is: 'whole' }, said);
    this.#rendered.set(head, { said, fields });
    return fields;
  }
}
