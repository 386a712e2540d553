import type { ScheduleOptions } from '@eddy/player-sdk/internal';
import type { Misbehaving } from './links/manner.js';

/** One swarm, and what is promised of it. */
export interface Scenario {
  readonly name: string;
  readonly summary: string;
  readonly viewers: number;
  readonly live: boolean;
  /** From the last viewer's coming to the end. */
  readonly seconds: number;
  readonly segmentSeconds: number;
  readonly bitsPerSecond: number;
  /** Viewers come evenly drawn over this time, or one each so many seconds. */
  readonly joining: { readonly withinSeconds: number } | { readonly everySeconds: number };
  readonly upMbit: number;
  readonly downMbit: number;
  /** Milliseconds to the edge and back. */
  readonly edgeRoundTripMs: number;
  /** Share of viewers who answer no requests. */
  readonly leeches: number;
  /** Share of pairs who can reach each other. */
  readonly reachable: number;
  /** One leaves without a word and one comes, each so many seconds. */
  readonly churnEverySeconds?: number;
  /** Share of viewers who leave before the end, half of them without a word. */
  readonly leaving?: number;
  /** How many misbehave towards the others, and how. */
  readonly misbehaving?: Misbehaving;
  /** The edge's egress, as a share of what all viewers play. */
  readonly edgeCap?: number;
  /** Changes to the SDK's scheduler. */
  readonly schedule?: Partial<ScheduleOptions>;
  readonly goals: readonly ScenarioGoal[];
}

export interface ScenarioGoal {
  readonly metric: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const EIGHT: Omit<Scenario, 'name' | 'summary' | 'goals'> = {
  viewers: 8,
  live: true,
  seconds: 60,
  segmentSeconds: 2,
  bitsPerSecond: 1_400_000,
  joining: { withinSeconds: 10 },
  upMbit: 10,
  downMbit: 50,
  edgeRoundTripMs: 20,
  leeches: 0,
  reachable: 1,
};

export const SCENARIOS: readonly Scenario[] = [
  {
    ...EIGHT,
    name: 'live-10s',
    summary: '8 live, joining within 10 s',
    goals: [
      { metric: 'offload', atLeast: 0.8 },
      { metric: 'edgePerPlayed', atMost: 0.24 },
      { metric: 'latency', atMost: 6.5 },
    ],
  },
  {
    ...EIGHT,
    name: 'live-1s',
    summary: '8 live within 1 s',
    joining: { withinSeconds: 1 },
    goals: [
      { metric: 'offload', atLeast: 0.8 },
      { metric: 'edgePerPlayed', atMost: 0.24 },
      { metric: 'latency', atMost: 6.5 },
    ],
  },
  {
    ...EIGHT,
    name: 'live-churn',
    summary: '8 live, one leaves without a word and one joins each 8 s',
    churnEverySeconds: 8,
    goals: [
      { metric: 'offload', atLeast: 0.78 },
      { metric: 'edgePerPlayed', atMost: 0.33 },
      { metric: 'stalled', atMost: 0 },
    ],
  },
  {
    ...EIGHT,
    name: 'vod',
    summary: '8 VOD, joining 3 s apart',
    live: false,
    joining: { everySeconds: 3 },
    goals: [
      { metric: 'offload', atLeast: 0.8 },
      { metric: 'wasted', atMost: 0.03 },
      { metric: 'edgePerPlayed', atMost: 0.2 },
    ],
  },
  {
    ...EIGHT,
    name: 'live-capped',
    summary: "8 live, the edge's egress capped at 40% of what they play",
    edgeCap: 0.4,
    goals: [
      { metric: 'stalled', atMost: 0.01 },
      { metric: 'latency', atMost: 8 },
    ],
  },
  {
    ...EIGHT,
    name: 'uplinks',
    summary: '8 live, 5 Mbit/s up, two of eight do not upload',
    upMbit: 5,
    leeches: 0.25,
    goals: [
      { metric: 'offload', atLeast: 0.7 },
      { metric: 'stalled', atMost: 0 },
    ],
  },
  {
    ...EIGHT,
    name: 'hostile',
    summary: '8 live, the first to join spoils each chunk that it sends',
    misbehaving: { oneIn: 8, manners: ['spoils'] },
    goals: [
      { metric: 'offload', atLeast: 0.742 },
      { metric: 'stalled', atMost: 0 },
      { metric: 'latency', atMost: 6.5 },
    ],
  },
  {
    ...EIGHT,
    name: 'uncooperative',
    summary: '8 live, half of them announce and then send no chunk, or one each 2 s',
    misbehaving: { oneIn: 2, manners: ['withholds', 'drips'] },
    goals: [
      { metric: 'offload', atLeast: 1 / 3 },
      { metric: 'stalled', atMost: 0 },
      { metric: 'latency', atMost: 6.5 },
    ],
  },
  {
    ...EIGHT,
    name: 'thousand',
    summary: '1,000 live within 30 s, 15% of pairs out of reach, 10% do not upload, 10% leave early',
    viewers: 1_000,
    joining: { withinSeconds: 30 },
    leeches: 0.1,
    reachable: 0.85,
    leaving: 0.1,
    goals: [
      { metric: 'offload', atLeast: 0.9 },
      { metric: 'stalled', atMost: 0.01 },
      { metric: 'latency', atMost: 6.5 },
    ],
  },
];
