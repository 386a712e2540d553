import type { Fact } from '../rollup/fact.js';

/** Sessions that beaconed within this time are watching: three beacons' worth. */
export const LIVE_MS = 30_000;

export interface LiveFigures {
  readonly viewers: number;
  /** Means of the last 30 s. */
  readonly edgeBytesPerSecond: number;
  readonly peerBytesPerSecond: number;
}

interface Second {
  readonly at: number;
  edgeBytes: number;
  peerBytes: number;
}

/** Who is watching now, and from where the bytes come. Forgotten on restart: the next beacons bring it back. */
export class LiveWindow {
  readonly #maxSessions: number;
  /** In order of their last beacon. */
  readonly #sessions = new Map<string, { presentation: string; seenMs: number }>();
  #seconds: Second[] = [];

  constructor(options: { readonly maxSessions: number }) {
    this.#maxSessions = options.maxSessions;
  }

  record({ session, keys: { stream: presentation }, tally }: Fact, nowMs: number): void {
    // Put last again, so that the first ones are the oldest.
    const watching = this.#sessions.get(session) ?? { presentation, seenMs: nowMs };
    watching.presentation = presentation;
    watching.seenMs = nowMs;
    this.#sessions.delete(session);
    this.#sessions.set(session, watching);
    if (this.#sessions.size > this.#maxSessions) this.#forgetOldest();
    const at = Math.floor(nowMs / 1000);
    let second = this.#seconds.at(-1);
    if (second?.at !== at) {
      this.#forgetOld(nowMs);
      second = { at, edgeBytes: 0, peerBytes: 0 };
      this.#seconds.push(second);
    }
    second.edgeBytes += tally.of('edgeBytes');
    second.peerBytes += tally.of('peerBytes');
  }

  figures(nowMs: number): LiveFigures {
    this.#forgetOld(nowMs);
    const perSecond = (field: 'edgeBytes' | 'peerBytes'): number =>
      this.#seconds.reduce((sum, second) => sum + second[field], 0) / (LIVE_MS / 1000);
    return {
      viewers: this.#sessions.size,
      edgeBytesPerSecond: perSecond('edgeBytes'),
      peerBytesPerSecond: perSecond('peerBytes'),
    };
  }

  viewersByStream(nowMs: number): Map<string, number> {
    this.#forgetOld(nowMs);
    const viewers = new Map<string, number>();
    for (const { presentation } of this.#sessions.values()) {
      viewers.set(presentation, (viewers.get(presentation) ?? 0) + 1);
    }
    return viewers;
  }

  #forgetOldest(): void {
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined) this.#sessions.delete(oldest);
  }

  /** Once a second: a look at the first of a map costs as much as there are deleted ones before it. */
  #forgetOld(nowMs: number): void {
    for (const [session, { seenMs }] of this.#sessions) {
      if (seenMs > nowMs - LIVE_MS) break;
      this.#sessions.delete(session);
    }
    const first = (nowMs - LIVE_MS) / 1000;
    if ((this.#seconds[0]?.at ?? first + 1) < first) {
      this.#seconds = this.#seconds.filter(({ at }) => at >= first);
    }
  }
}
