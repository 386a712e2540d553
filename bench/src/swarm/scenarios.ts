import type { Manner } from './page/misbehave.js';

/** What is watched. */
export interface MediaPlan {
  readonly kind: 'live' | 'vod';
  readonly segmentSeconds: number;
  /** One rendition of 1.4 Mbit/s, or three. */
  readonly renditions: 1 | 3;
}

/** Who watches, when, and over what. */
export interface SwarmScenario {
  readonly name: string;
  readonly summary: string;
  readonly media: MediaPlan;
  readonly viewers: number;
  /** Viewers join within this time, spread evenly and shaken a little. */
  readonly joinWithinSeconds: number;
  /** How long it goes on after the last has joined; `clip`: to the clip's end. A number: so many seconds, always. */
  readonly watch: 'seconds' | 'clip' | number;
  /** One leaves abruptly and one joins each so many seconds. */
  readonly churnSeconds?: number;
  /** Cap of the edge's egress, as a share of what the viewers play. */
  readonly egressShare?: number;
  /** Upload of each viewer, in bit/s; each has a network namespace of its own then. */
  readonly uplinkBitsPerSecond?: number;
  /** How many of them do not upload. */
  readonly notUploading?: number;
  /** One of so many viewers does to others what its manner says; manners take turns. */
  readonly misbehaving?: { readonly oneIn: number; readonly manners: readonly Manner[] };
}

const LIVE: MediaPlan = { kind: 'live', segmentSeconds: 2, renditions: 1 };
const LADDER: MediaPlan = { ...LIVE, renditions: 3 };
const EIGHT = { viewers: 8, joinWithinSeconds: 10, watch: 'seconds' } as const;

export const SWARM_SCENARIOS: readonly SwarmScenario[] = [
  { ...EIGHT, name: 'live-10s', summary: '8 live, joining within 10 s', media: LIVE },
  { ...EIGHT, name: 'live-1s', summary: '8 live, joining within 1 s', media: LIVE, joinWithinSeconds: 1 },
  {
    ...EIGHT,
    name: 'live-churn',
    summary: 'live, one leaves abruptly and one joins each 8 s',
    media: LIVE,
    churnSeconds: 8,
  },
  {
    ...EIGHT,
    name: 'vod',
    summary: '8 of one video, joining 3 s apart, to its end',
    media: { kind: 'vod', segmentSeconds: 2, renditions: 1 },
    joinWithinSeconds: 21,
    watch: 'clip',
  },
  {
    ...EIGHT,
    name: 'live-capped',
    summary: "live, the edge's egress capped at 40% of what the viewers play",
    media: LIVE,
    egressShare: 0.4,
  },
  {
    ...EIGHT,
    name: 'live-capped-ladder',
    summary: 'the same with three renditions',
    media: LADDER,
    egressShare: 0.4,
  },
  { ...EIGHT, name: 'live-ladder', summary: 'live, three renditions, no cap', media: LADDER },
  {
    ...EIGHT,
    name: 'segments-4s',
    summary: '8 live, segments of 4 s',
    media: { ...LIVE, segmentSeconds: 4 },
  },
  {
    name: 'start-up',
    summary: 'live, four watching, one leaves and one joins each 1.5 s: start-up',
    media: LIVE,
    viewers: 4,
    joinWithinSeconds: 4,
    watch: 42,
    churnSeconds: 1.5,
  },
  {
    ...EIGHT,
    name: 'uplinks',
    summary: 'live, 5 Mbit/s up each, two of eight not uploading',
    media: LIVE,
    uplinkBitsPerSecond: 5_000_000,
    notUploading: 2,
  },
  {
    ...EIGHT,
    name: 'hostile',
    summary: '8 live, joining within 10 s, one of them changes bytes in what it sends to the others',
    media: LIVE,
    misbehaving: { oneIn: 8, manners: ['spoils'] },
  },
  {
    ...EIGHT,
    name: 'uncooperative',
    summary:
      '8 live, joining within 10 s, half of them announce and then answer nothing, or a drop at a time',
    media: LIVE,
    misbehaving: { oneIn: 2, manners: ['withholds', 'drips'] },
  },
];

/** How a viewer treats the others. Undefined: as its player does. The first to join, whom everybody meets, is among them. */
export function mannerOf({ misbehaving }: SwarmScenario, viewer: number): Manner | undefined {
  if (misbehaving === undefined) return undefined;
  const { oneIn, manners } = misbehaving;
  return viewer % oneIn === 0 ? manners[Math.floor(viewer / oneIn) % manners.length] : undefined;
}

/** Seconds that a turn goes on after the last has joined. A little more than the clip, for those who started late. */
export function watchSeconds({ watch }: SwarmScenario, seconds: number, clipSeconds: number): number {
  if (watch === 'seconds') return seconds;
  return watch === 'clip' ? clipSeconds + 3 : watch;
}

/** A generator of numbers from 0 to 1 that begins the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface TimedStep {
  readonly atMs: number;
  readonly viewer: number;
  readonly step: 'join' | 'leave';
}

export interface Timetable {
  /** In order of time. Viewers are numbered as they join. */
  readonly steps: readonly TimedStep[];
  readonly viewers: number;
  readonly endMs: number;
}

/** When who joins and leaves: the same for every contender in a round. */
export function timetable(
  scenario: SwarmScenario,
  {
    seconds,
    clipSeconds,
    seed,
  }: { readonly seconds: number; readonly clipSeconds: number; readonly seed: number },
): Timetable {
  const random = seeded(seed);
  const { viewers, joinWithinSeconds, churnSeconds } = scenario;
  const pause = (joinWithinSeconds * 1000) / Math.max(1, viewers - 1);
  const steps: TimedStep[] = Array.from({ length: viewers }, (_, viewer) => ({
    atMs: Math.round(viewer === 0 ? 0 : (viewer - random()) * pause),
    viewer,
    step: 'join',
  }));
  const lastJoinMs = joinWithinSeconds * 1000;
  const endMs = lastJoinMs + watchSeconds(scenario, seconds, clipSeconds) * 1000;
  let next = viewers;
  if (churnSeconds !== undefined) {
    const there = Array.from({ length: viewers }, (_, viewer) => viewer);
    for (let atMs = lastJoinMs; atMs < endMs - churnSeconds * 1000; atMs += churnSeconds * 1000) {
      const [gone] = there.splice(Math.floor(random() * there.length), 1);
      if (gone !== undefined) steps.push({ atMs, viewer: gone, step: 'leave' });
      steps.push({ atMs, viewer: next, step: 'join' });
      there.push(next++);
    }
  }
  return { steps: steps.sort((a, b) => a.atMs - b.atMs), viewers: next, endMs };
}
