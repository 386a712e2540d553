import type { Timers } from '../../components.js';
import { InsightError } from '../errors.js';
import type { FactSink, SinkResult } from '../intake/fact-sink.js';
import type { Fact } from '../rollup/fact.js';
import type { EdgeMinute } from '../store/insight-store.js';
import { EDGE_PATH, FACTS_PATH, factsMessage, MAX_FACTS } from './facts-message.js';

export interface ForwarderComponents {
  readonly timers: Timers;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
}

export interface ForwarderOptions {
  /** Base URL of the admin listener of the edge that collects. */
  readonly to: string;
  readonly secret: string;
  readonly queuedBatches: number;
  readonly everyMs: number;
}

interface Waiting {
  readonly fact: Fact;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

const TIMEOUT_MS = 20_000;

/**
 * Passes facts on to the edge that keeps them, many at a time, and says so when that one has committed them. It tells
 * duplicates apart; a batch whose answer is lost is sent again by its player, under the same name.
 */
export class Forwarder implements FactSink {
  readonly #components: ForwarderComponents;
  readonly #options: ForwarderOptions;
  #queue: Waiting[] = [];
  #underWay = 0;
  #cancelTimer: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  #closed = false;

  constructor(components: ForwarderComponents, options: ForwarderOptions) {
    this.#components = components;
    this.#options = options;
  }

  get queued(): number {
    return this.#queue.length + this.#underWay;
  }

  async accept(fact: Fact): Promise<SinkResult> {
    if (this.#closed) throw new InsightError('closing', 'This edge is closing: send the batch again later.');
    if (this.queued >= this.#options.queuedBatches) {
      throw new InsightError('queue-full', 'Too many batches wait to be stored: send this one again later.');
    }
    const committed = new Promise<void>((done, failed) => this.#queue.push({ fact, done, failed }));
    this.#sendLater();
    await committed;
    return 'stored';
  }

  async acceptEdge(counted: EdgeMinute): Promise<SinkResult> {
    await this.#post(EDGE_PATH, counted);
    return 'stored';
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    await this.#sending;
    while (this.#queue.length > 0) await this.#send();
  }

  #sendLater(): void {
    if (this.#cancelTimer !== undefined || this.#sending !== undefined || this.#closed) return;
    this.#cancelTimer = this.#components.timers.after(this.#options.everyMs, () => {
      this.#cancelTimer = undefined;
      this.#sending = this.#send().finally(() => {
        this.#sending = undefined;
        if (this.#queue.length > 0) this.#sendLater();
      });
    });
  }

  async #send(): Promise<void> {
    const waiting = this.#queue.splice(0, MAX_FACTS);
    this.#underWay = waiting.length;
    try {
      await this.#post(FACTS_PATH, factsMessage(waiting.map(({ fact }) => fact)));
      for (const { done } of waiting) done();
    } catch (error) {
      for (const { failed } of waiting) failed(error);
    } finally {
      this.#underWay = 0;
    }
  }

  async #post(path: string, message: unknown): Promise<void> {
    const { to, secret } = this.#options;
    const { fetch: post = fetch } = this.#components;
    let status: number;
    try {
      const answer = await post(new URL(path, to), {
        method: 'POST',
        headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(message),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await answer.arrayBuffer();
      status = answer.status;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new InsightError('forward-failed', `${to} does not answer (${reason}).`, { cause });
    }
    if (status === 204) return;
    const advice = status === 401 ? ': the secrets of both edges differ' : '';
    throw new InsightError('forward-failed', `${to} answers ${status}${advice}.`);
  }
}
