import type { Bench, BenchComponents, BenchOptions } from '../bench.js';
import { BenchError } from '../errors.js';
import { describeMachine } from '../machine/machine.js';
import { runForked } from '../process/forked.js';
import type { Contender, Report, Turn, WorkloadReport } from '../report/report.js';
import { summarizeTurns } from '../report/summary.js';
import { namespaced } from '../system/netns.js';
import { figuresOf, goalsOf, HEADLINE, METRICS, provenanceNote } from './figures.js';
import type { SwarmPlan, SwarmResult } from './watch-together.js';

const CLIENT = new URL('./swarm-client.js', import.meta.url);
/** Starting and stopping of edge and origin. */
const SPARE_SECONDS = 60;
/** Who is later than this measures the machine. */
const LATE_MS = 250;

const PLAN: Omit<SwarmPlan, 'seconds'> = {
  viewers: 50,
  joinSeconds: 10,
  segmentMs: 2_000,
  bitrate: 500_000,
  peers: true,
};
const QUICK: SwarmPlan = { ...PLAN, viewers: 10, joinSeconds: 4, seconds: 20 };

const EDDY: Contender = {
  name: 'eddy',
  family: 'eddy',
  version: '',
  setting: 'the SDK with all at its default, over @roamhq/wrtc; model players in place of hls.js',
};

const METHOD: readonly string[] = [
  'Origin and edge are processes of their own; all viewers share one, in a network namespace with a default route.',
  'Real: the SDK with its scheduler, hashes and beacons; data channels; the WebSocket to the edge; HTTP for ' +
    'playlists and segments. A model: the player, which reads playlists with the parser of hls.js on its schedule, ' +
    'starts three target durations behind the newest segment and lets its playhead go by the clock.',
  'Edge bytes are what the edge counts as given, less the playlists that the players received. Played are the bytes ' +
    'that reached the place of the decoder; each segment is compared there with what the origin has.',
  'Offload is of the whole run, joining included; "after joining" begins 5 s after the last viewer came.',
  'Why bytes came from the edge: first copy (somebody must), start-up (the picture waited), no peers (no channel was ' +
    'open), together (another viewer was fetching it), again (others had it), rescue (a part, late).',
];

function planOf({ quick, seconds }: BenchOptions): SwarmPlan {
  return quick === true ? QUICK : { ...PLAN, seconds };
}

async function runOnce(plan: SwarmPlan, { progress, signal }: BenchComponents): Promise<SwarmResult> {
  const within = await namespaced({ command: process.execPath, args: [] });
  return await runForked<SwarmResult>(CLIENT, plan, {
    signal,
    timeoutMs: (plan.seconds + SPARE_SECONDS) * 1000,
    killSignal: 'SIGTERM',
    onMessage: (message) => progress(`  ${String(message)}`),
    ...(within === undefined ? {} : { within }),
  });
}

async function run(components: BenchComponents, options: BenchOptions): Promise<Report> {
  const started = new Date();
  const plan = planOf(options);
  const turns: Turn[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    components.progress(`round ${round} of ${options.rounds}: ${plan.viewers} viewers, ${plan.seconds} s`);
    const result = await runOnce(plan, components);
    if (result.viewers.every(({ playedBytes }) => playedBytes === 0)) {
      throw new BenchError('cannot-measure', `nobody played: ${result.viewers[0]?.problems.join('; ')}`);
    }
    turns.push({ round, contender: EDDY.name, values: figuresOf(plan, result) });
  }
  return {
    schema: 1,
    bench: 'node-swarm',
    title: `${plan.viewers} viewers of one live stream in one process, over real data channels`,
    startedAt: started.toISOString(),
    durationSeconds: Math.round((Date.now() - started.getTime()) / 1000),
    machine: await describeMachine(),
    method: METHOD,
    contenders: [EDDY],
    metrics: METRICS,
    workloads: [reportOf(plan, turns)],
    warnings: warningsOf(turns, options),
  };
}

function reportOf(plan: SwarmPlan, turns: readonly Turn[]): WorkloadReport {
  const rows = summarizeTurns(turns, [EDDY], METRICS);
  const medians = Object.fromEntries(
    Object.entries(rows[0]?.summary ?? {}).map(([key, { median }]) => [key, median]),
  );
  const { viewers, joinSeconds, seconds, segmentMs, bitrate } = plan;
  return {
    name: 'live',
    description:
      `${viewers} viewers join within ${joinSeconds} s and watch until ${seconds} s; ` +
      `${segmentMs / 1000} s segments at ${bitrate / 1000} kbit/s`,
    headline: HEADLINE,
    rows,
    comparisons: [],
    goals: goalsOf(medians),
    notes: [provenanceNote(medians)],
    turns,
  };
}

function warningsOf(turns: readonly Turn[], { quick = false }: BenchOptions): string[] {
  const late = turns.filter(({ values }) => (values.latenessP99Ms ?? 0) > LATE_MS).length;
  return [
    ...(quick ? ['this was a quick look with few viewers: not a result.'] : []),
    ...(late > 0
      ? [
          `in ${late} of ${turns.length} runs the viewers' process was late: the machine was too small or too busy.`,
        ]
      : []),
  ];
}

export const nodeSwarmBench: Bench = {
  name: 'node-swarm',
  summary: '50 viewers of a live stream in one process, over real data channels of @roamhq/wrtc',
  defaults: { rounds: 3, seconds: 90 },
  run,
};
