import type { Random, Timers } from '../components.js';
import { judgeResumed, planResume, type ResumePlan, resumeRequest } from './resume-rules.js';
import type { Upstream, UpstreamBody, UpstreamRequest, UpstreamResponse } from './upstream.js';
import { UpstreamError, type UpstreamErrorCode } from './upstream-error.js';
import { wait } from './wait.js';

export interface ResumeComponents {
  readonly upstream: Upstream;
  readonly timers: Timers;
  readonly random: Random;
  /** Hears of each body that goes on. */
  readonly onResumed?: () => void;
}

export interface ResumeOptions {
  /** Attempts for one body. */
  readonly attempts: number;
}

/** The first wait is random below this; it doubles with each attempt. */
const BASE_MS = 50;
const BROKEN: ReadonlySet<UpstreamErrorCode> = new Set([
  'origin-cut',
  'origin-idle-timeout',
  'origin-length',
]);

/** The same upstream, whose bodies go on where they broke off: readers notice nothing but a pause. */
export function withResume(components: ResumeComponents, options: ResumeOptions): Upstream {
  const { upstream } = components;
  return {
    usesQuery: upstream.usesQuery,
    close: () => upstream.close(),
    async fetch(request, signal) {
      const response = await upstream.fetch(request, signal);
      const plan = planResume(request, response);
      if (plan === undefined || options.attempts === 0) return response;
      return {
        ...response,
        body: new ResumedBody(components, { ...options, request, response, plan, signal }),
      };
    },
  };
}

interface Begun extends ResumeOptions {
  readonly request: UpstreamRequest;
  readonly response: UpstreamResponse;
  readonly plan: ResumePlan;
  readonly signal: AbortSignal;
}

class ResumedBody implements UpstreamBody {
  readonly #components: ResumeComponents;
  readonly #begun: Begun;
  /** Ends attempts to go on, and what they brought. Only bodies that break off need it. */
  #giveUp: AbortController | undefined;
  #follow: (() => void) | undefined;
  #isDiscarded = false;
  #body: UpstreamBody;
  #attempts = 0;

  constructor(components: ResumeComponents, begun: Begun) {
    this.#components = components;
    this.#begun = begun;
    this.#body = begun.response.body;
  }

  discard(): void {
    this.#isDiscarded = true;
    this.#giveUp?.abort(new UpstreamError('origin-cut', 'discarded'));
    this.#body.discard();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const { plan, signal } = this.#begun;
    let at = plan.start;
    try {
      while (at <= plan.end) {
        try {
          for await (const chunk of this.#body) {
            at += chunk.length;
            if (at > plan.end + 1) throw new UpstreamError('origin-changed', 'more than was declared');
            yield chunk;
          }
          if (at <= plan.end) throw new UpstreamError('origin-length', `ended before byte ${at}`);
        } catch (error) {
          // It broke off behind its last byte: nothing is missing.
          if (at > plan.end && isBroken(error)) return;
          if (!isBroken(error) || this.#isDiscarded || signal.aborted) throw error;
          this.#body = await this.#goOn(at, error);
        }
      }
    } finally {
      if (this.#follow !== undefined) signal.removeEventListener('abort', this.#follow);
      this.#body.discard();
    }
  }

  /** Aborted with the whole request, and when the body is discarded. */
  #endOfAttempts(): AbortSignal {
    if (this.#giveUp !== undefined) return this.#giveUp.signal;
    const giveUp = new AbortController();
    const { signal } = this.#begun;
    this.#giveUp = giveUp;
    this.#follow = () => giveUp.abort(signal.reason);
    signal.addEventListener('abort', this.#follow, { once: true });
    return giveUp.signal;
  }

  /** @throws the error that broke the body off, where it does not go on. */
  async #goOn(at: number, broken: unknown): Promise<UpstreamBody> {
    const { upstream, timers, random, onResumed = () => {} } = this.#components;
    const { request, plan, attempts } = this.#begun;
    const signal = this.#endOfAttempts();
    while (this.#attempts < attempts) {
      await wait(timers, random() * BASE_MS * 2 ** this.#attempts, signal);
      this.#attempts++;
      const response = await upstream
        .fetch(resumeRequest(request, plan, at), signal)
        .catch((error: unknown) => {
          if (signal.aborted || !(error instanceof UpstreamError)) throw error;
        });
      if (response === undefined) continue;
      const verdict = judgeResumed(response, plan, at);
      if (verdict === 'continues') {
        onResumed();
        return response.body;
      }
      response.body.discard();
      if (verdict === 'changed') {
        throw new UpstreamError('origin-changed', `what broke off at byte ${at} is another object now`, {
          cause: broken,
          originStatus: response.status,
        });
      }
    }
    throw broken;
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof UpstreamError && BROKEN.has(error.code);
}
