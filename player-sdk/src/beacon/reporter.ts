import { type Arm, BEACON_PATH, type BeaconCounters, PROTOCOL_VERSION } from '@eddy/protocol';
import type { Random, Timers } from '../components.js';
import { atEdge } from '../session/edge-address.js';
import { newId } from '../session/id.js';
import { Increments, isZero } from './counters.js';
import type { PostBeacon } from './post.js';

export interface ReporterComponents {
  readonly timers: Timers;
  readonly random: Random;
  readonly post: PostBeacon;
  readonly source: ReportSource;
}

/** What is reported. */
export interface ReportSource {
  /** Undefined until the edge has told it, or while nothing may be told: then nothing is reported, and nothing lost. */
  readonly arm: Arm | undefined;
  readonly peers: number;
  /** Since playback began. */
  readonly totals: BeaconCounters;
}

export interface ReporterOptions {
  /** Base URL of the edge. Looked at each time: it may change. */
  readonly edge: string;
  readonly session: string;
  readonly presentation: string;
  /** Default 10,000 ms. */
  readonly everyMs?: number;
  /** A batch that was not taken is sent once more after this. Default 3,000 ms. */
  readonly retryMs?: number;
}

/** Tells the edge every ten seconds what was played and where it came from. */
export class Reporter {
  readonly #components: ReporterComponents;
  readonly #options: ReporterOptions;
  readonly #increments = new Increments();
  #cancelTimer: () => void = () => {};
  #closed = false;

  constructor(components: ReporterComponents, options: ReporterOptions) {
    this.#components = components;
    this.#options = options;
    this.#url();
    this.#next();
  }

  /** Sends at once what has happened by now. `leaving`: in the way that survives the page. */
  flush(leaving: boolean): void {
    const { source, random, post } = this.#components;
    const { arm } = source;
    if (this.#closed || arm === undefined) return;
    const counters = this.#increments.take(source.totals);
    if (isZero(counters)) return;
    const { session, presentation } = this.#options;
    const body = JSON.stringify({
      version: PROTOCOL_VERSION,
      batch: newId(random),
      session,
      presentation,
      arm,
      peers: source.peers,
      counters,
    });
    void this.#send(post, body, leaving);
  }

  /** What has happened until now is not reported. */
  skip(): void {
    this.#increments.take(this.#components.source.totals);
  }

  /** Sends the rest. */
  close(): void {
    this.flush(true);
    this.#closed = true;
    this.#cancelTimer();
  }

  /** With the same batch id, so that it counts once even if only the answer was lost. */
  async #send(post: PostBeacon, body: string, leaving: boolean): Promise<void> {
    if ((await post(this.#url(), body, leaving)) || leaving) return;
    this.#components.timers.after(
      this.#options.retryMs ?? 3_000,
      () => void post(this.#url(), body, this.#closed),
    );
  }

  #url(): string {
    return atEdge(this.#options.edge, BEACON_PATH).href;
  }

  #next(): void {
    this.#cancelTimer = this.#components.timers.after(this.#options.everyMs ?? 10_000, () => {
      this.flush(false);
      this.#next();
    });
  }
}
