import type { ResponseHead } from '../cache/stored-response.js';
import type { Streaming } from '../fill/fill.js';
import type { EdgeCounters } from '../telemetry/edge-counters.js';
import { followBody } from './body-sender.js';
import { type CacheStatus, type ForwardReason, formatCacheStatus } from './cache-status.js';
import type { Answering, Responder } from './responder.js';
import { type ObjectPlan, responseFields, type SaidOfResponse, statusOf } from './response-head.js';
import type { SendTurns } from './send-turns.js';

export interface FillFollowersComponents {
  readonly responder: Responder;
  readonly counters: EdgeCounters;
  readonly turns: SendTurns;
}

/** Why somebody gets what is on its way, and whether for another's asking. */
export interface Following {
  readonly forward: ForwardReason;
  readonly collapsed: boolean;
}

export function statusOfStreaming(
  { head, lifetime, kept }: Streaming,
  { forward, collapsed }: Following,
): CacheStatus {
  const ttlSeconds = Math.floor((lifetime.freshMs - head.initialAgeMs) / 1000);
  return { hit: false, forward, forwardStatus: head.status, collapsed, stored: kept, ttlSeconds };
}

export function saidOfStreaming(
  streaming: Streaming,
  following: Following,
  cors: readonly string[],
): SaidOfResponse {
  const { initialAgeMs } = streaming.head;
  return {
    ageSeconds: initialAgeMs >= 1000 ? Math.floor(initialAgeMs / 1000) : undefined,
    cacheStatus: formatCacheStatus(statusOfStreaming(streaming, following)),
    cors,
  };
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
  async send(
    { request, response, site }: Answering,
    streaming: Streaming,
    { plan, ...following }: Following & { readonly plan: ObjectPlan },
  ): Promise<void> {
    const { responder, counters, turns } = this.#components;
    const { head, tee } = streaming;
    const result = following.collapsed ? 'collapsed' : 'miss';
    const said = saidOfStreaming(streaming, following, site.cors.fields(request.headers.origin));
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
