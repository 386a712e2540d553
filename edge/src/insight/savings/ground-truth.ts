import type { Beacon } from '@eddy/protocol';
import { NO_COUNTERS } from '@eddy/protocol';
import { Judge } from '../sessions/judge.js';
import { SentBytes } from '../sessions/sent-bytes.js';
import type { KnownViewer, Viewers } from '../sessions/viewers.js';
import { estimateSavings, type SavingsEstimate } from './estimate.js';
import { momentsOf } from './moments.js';

/** A made-up audience whose savings are known, since the same world says what it would have drawn without peers. */
export interface GroundTruthOptions {
  readonly seed: number;
  readonly sessions: number;
  readonly streams: number;
  readonly hours: number;
  /** Share of sessions without peers. Default 0.1. */
  readonly holdoutShare?: number;
  /** Share of players that lie. Default 0. */
  readonly liarShare?: number;
}

export interface GroundTruth {
  /** What treated viewers saved in expectation of the world, given how long they watched, less the overhead. */
  readonly trueBytes: number;
  readonly estimate: SavingsEstimate;
}

/** Uniform from 0 to 1: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const GB_PER_HOUR = 2;
/** Spread (sigma of a logarithm) of bitrates between streams by hour, and between viewers of one of them. */
const CLUSTER_SPREAD = 0.35;
const VIEWER_SPREAD = 0.3;
const MEAN_OFFLOAD = 0.6;
const OVERHEAD_SHARE = 0.01;
const MINUTE_MS = 60_000;

/**
 * Sessions come to streams by popularity (Zipf) and hour, watch for a while, and draw bytes. Whatever they report goes
 * through the judge, as it does on an edge; savings are then estimated from what it believed.
 */
export function runGroundTruth(options: GroundTruthOptions): GroundTruth {
  const { seed, sessions, streams, hours, holdoutShare = 0.1, liarShare = 0 } = options;
  const random = seededRandom(seed);
  const world = new World(random, streams, hours);
  const edge = new JudgingEdge(sessions);
  const clusters = new Map<number, number[]>();
  let overhead = 0;
  let trueBytes = 0;
  for (let index = 0; index < sessions; index++) {
    const cluster = world.drawCluster();
    const { bytesPerHour, offload } = world.cluster(cluster);
    const isHoldout = random() < holdoutShare;
    const lies = random() < liarShare;
    const watchedHours = -Math.log(1 - random()) * 0.4;
    const drawn = bytesPerHour * watchedHours * logNormal(random, VIEWER_SPREAD);
    const peerBytes = isHoldout ? 0 : drawn * offload * (0.7 + 0.6 * random());
    const lost = isHoldout ? 0 : drawn * OVERHEAD_SHARE;
    if (!isHoldout) {
      overhead += lost;
      trueBytes += GB_PER_HOUR * 1e9 * MEAN_OFFLOAD * watchedHours - lost;
    }
    const believed = edge.hear({
      ...{ name: `s${index}`, arm: isHoldout ? 'holdout' : 'treated', watchedHours, lies },
      ...{ edgeBytes: Math.round(drawn - peerBytes), peerBytes: Math.round(peerBytes) },
    });
    const sums = clusters.get(cluster) ?? [0, 0, 0, 0];
    clusters.set(cluster, sums);
    const at = believed.arm === 'holdout' ? 0 : 2;
    sums[at] = (sums[at] ?? 0) + believed.edgeBytes / 1e9;
    sums[at + 1] = (sums[at + 1] ?? 0) + believed.watchedMs / 3.6e6;
  }
  const estimate = estimateSavings(momentsOf(clusters.values()), {
    ...{ signalingBytes: overhead, turnBytes: 0, duplicateBytes: 0, hashFailedBytes: 0 },
  });
  if (estimate === undefined) throw new RangeError('one of the arms has no sessions');
  return { trueBytes, estimate };
}

class World {
  readonly #random: () => number;
  readonly #streams: number;
  readonly #hours: number;
  readonly #known = new Map<number, { bytesPerHour: number; offload: number }>();
  readonly #popularity: number[] = [];

  constructor(random: () => number, streams: number, hours: number) {
    this.#random = random;
    this.#streams = streams;
    this.#hours = hours;
    let sum = 0;
    for (let rank = 1; rank <= streams; rank++) {
      sum += 1 / (rank + 10);
      this.#popularity.push(sum);
    }
  }

  drawCluster(): number {
    const wanted = this.#random() * (this.#popularity.at(-1) ?? 0);
    let low = 0;
    let high = this.#streams - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#popularity[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low * this.#hours + Math.floor(this.#random() * this.#hours);
  }

  /** Bitrate and offload of a stream in an hour: the same for all who watch it, and independent of each other. */
  cluster(index: number): { bytesPerHour: number; offload: number } {
    let known = this.#known.get(index);
    if (known === undefined) {
      const bytesPerHour = GB_PER_HOUR * 1e9 * logNormal(this.#random, CLUSTER_SPREAD);
      known = { bytesPerHour, offload: MEAN_OFFLOAD + 0.3 * (this.#random() - 0.5) };
      this.#known.set(index, known);
    }
    return known;
  }
}

interface MadeUpSession {
  readonly name: string;
  readonly arm: 'holdout' | 'treated';
  readonly watchedHours: number;
  readonly edgeBytes: number;
  readonly peerBytes: number;
  readonly lies: boolean;
}

/** An edge that sent what it sent, heard what it is told, and judges. */
class JudgingEdge {
  readonly #sent: SentBytes;
  readonly #judge: Judge;
  #nowMs = 0;
  #viewer: KnownViewer | undefined;

  constructor(sessions: number) {
    this.#sent = new SentBytes({ maxSessions: sessions });
    const viewers: Viewers = { bySession: () => this.#viewer, byPeer: () => undefined };
    this.#judge = new Judge(
      {
        ...{ sent: this.#sent, viewers, clock: { now: () => this.#nowMs } },
        armOf: () => 'treated',
      },
      { pop: 'main', maxSessions: 1000 },
    );
  }

  /** A liar is in whichever arm the edge drew, whatever it says; claims no edge bytes, many peer bytes, and twice the time. */
  hear(session: MadeUpSession): { arm: string; edgeBytes: number; watchedMs: number } {
    const { name, arm, watchedHours, lies, edgeBytes, peerBytes } = session;
    this.#viewer = { peer: name, arm, place: { prefix: '' } };
    this.#sent.count(`/v/1.m4s?CMCD=sid%3D%22${name}%22`, edgeBytes);
    const watchedMs = Math.round(watchedHours * 3.6e6);
    const honest = { ...NO_COUNTERS, edgeBytes, peerBytes };
    const claimed = lies ? { ...honest, edgeBytes: 0, peerBytes: peerBytes * 10 } : honest;
    let believed = { arm: arm as string, edgeBytes: 0, watchedMs: 0 };
    // Two reports stand for all: one on coming, one on leaving.
    for (const [batch, counters, ms] of [
      ['1', NO_COUNTERS, 0],
      ['2', claimed, lies ? watchedMs * 2 : watchedMs],
    ] as const) {
      const beacon: Beacon = {
        ...{ batch, session: name, presentation: '/v', peers: 0, from: [], starvationsMs: [], errors: [] },
        arm: lies ? 'holdout' : arm,
        counters: { ...counters, watchedMs: ms },
      };
      const { fact } = this.#judge.judge(beacon, {
        ...{ place: undefined, device: 'desktop', door: { site: 'main', host: undefined } },
      });
      const { tally, keys } = fact;
      believed = {
        arm: keys.arm,
        edgeBytes: believed.edgeBytes + tally.of('edgeBytes'),
        watchedMs: believed.watchedMs + tally.of('watchedMs'),
      };
      // Until its last report it has watched all the time but for pauses.
      this.#nowMs += watchedMs;
    }
    this.#nowMs += MINUTE_MS;
    return believed;
  }
}

/** Mean 1. */
function logNormal(random: () => number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.exp(sigma * normal - (sigma * sigma) / 2);
}
