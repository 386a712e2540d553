import { BEACON_PATH, type Beacon, type BeaconCounters, type PeerBytes, writeBeacon } from '@eddy/protocol';
import type { Clock, Random, Timers } from '../components.js';
import { atEdge } from '../session/edge-address.js';
import { newId } from '../session/id.js';
import { Increments, isZero } from './counters.js';
import type { PostBeacon } from './post.js';

export interface ReporterComponents {
  readonly timers: Timers;
  readonly random: Random;
  /** Milliseconds since the epoch, for the line's time stamp alone. Default: the page's. */
  readonly wallClock?: Clock;
  readonly post: PostBeacon;
  readonly source: ReportSource;
}

/** What is reported. */
export interface ReportSource {
  /** Undefined while nothing may be told: then nothing is reported, and nothing lost. */
  readonly drawn: Beacon['arm'] | undefined;
  readonly peers: number;
  /** Since playback began. */
  readonly totals: BeaconCounters;
  /** Of what is played now; undefined: not known. */
  readonly bitrateKbps: number | undefined;
  /** What is told once. */
  takeNews(): PlaybackNews;
}

/** Since the time before. */
export interface PlaybackNews {
  readonly startupMs: number | undefined;
  readonly starvationsMs: readonly number[];
  readonly errors: readonly string[];
  readonly from: readonly PeerBytes[];
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

const PAGE_CLOCK: Clock = { now: () => Date.now() };

/** Tells the edge every ten seconds what was played and where it came from. */
export class Reporter {
  readonly #components: ReporterComponents;
  readonly #options: ReporterOptions;
  readonly #increments = new Increments();
  #sequence = 0;
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
    const { source, random, post, wallClock = PAGE_CLOCK } = this.#components;
    const { drawn: arm, bitrateKbps } = source;
    if (this.#closed || arm === undefined) return;
    const counters = this.#increments.take(source.totals);
    const { startupMs, ...news } = source.takeNews();
    const isQuiet = news.starvationsMs.length + news.errors.length === 0 && startupMs === undefined;
    if (isQuiet && isZero(counters)) return;
    const { session, presentation } = this.#options;
    const body = writeBeacon(
      {
        ...{ batch: newId(random), session, presentation, arm, peers: source.peers, counters, ...news },
        ...(startupMs === undefined ? {} : { startupMs }),
        ...(bitrateKbps === undefined ? {} : { bitrateKbps }),
      },
      { timeMs: wallClock.now(), sequence: ++this.#sequence },
    );
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
