import { SCHEDULE_DEFAULTS } from '@eddy/player-sdk/internal';
import type { Bench, BenchComponents, BenchOptions } from '../bench.js';
import { BenchError } from '../errors.js';
import { describeMachine } from '../machine/machine.js';
import { formatValue } from '../report/render.js';
import type { Goal, Metric, Report, Turn, WorkloadReport } from '../report/report.js';
import { summarizeTurns } from '../report/summary.js';
import { median } from '../statistics/statistics.js';
import { REASON_MEANING, REASONS } from './accounts/ledger.js';
import { figuresOf, METRICS, OFFLOAD, REASON_METRICS } from './figures.js';
import { runScenario } from './run-scenario.js';
import { SCENARIOS, type Scenario } from './scenarios.js';

const DEFAULT_SEEDS = 3;
/** A thousand viewers say as much in one run as eight in a hundred. */
const MANY = 200;
const QUICK_SECONDS = 20;

const METHOD: readonly string[] = [
  "Real: the SDK's session with all below it (scheduler, transfers, mesh, uploads, digests, room client), the edge's meeting place (rooms, matching, wants, limits).",
  'Modelled: hls.js and the media element (live sync, playlist reloads, one fragment at a time), links, HTTP over TCP with slow start, the edge and its storage, time.',
  'An uplink is shared byte by byte among its channels; a downlink takes what arrives in turn. Pairs are 20 to 40 ms apart.',
  'offload: peer / (peer + edge) of the bytes given to players. edge/played: all media that the edge sent, per byte played. wasted: received and not given to a player. stalled: of the time after the first frame.',
  'Segments are zeros that differ in length; their hash is a stand-in. Everything else about verifying is the real thing.',
];

interface Run {
  readonly scenario: Scenario;
  readonly seeds: number;
}

function runsOf({ only, simulation = {}, quick }: BenchOptions): Run[] {
  const unweighed = Object.keys(simulation.schedule ?? {}).find((name) => !(name in SCHEDULE_DEFAULTS));
  if (unweighed !== undefined) {
    const known = Object.keys(SCHEDULE_DEFAULTS).join(', ');
    throw new BenchError('usage', `the scheduler has no option ${unweighed}; it has ${known}`);
  }
  const unknown = only?.find((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown !== undefined) {
    const known = SCENARIOS.map(({ name }) => name).join(', ');
    throw new BenchError('usage', `there is no scenario ${JSON.stringify(unknown)}; there are ${known}`);
  }
  const {
    viewers,
    seeds,
    seconds = quick === true ? QUICK_SECONDS : undefined,
    up,
    down,
    rtt,
    schedule,
  } = simulation;
  return SCENARIOS.filter(({ name, viewers: many }) =>
    only === undefined ? quick !== true || many < MANY : only.includes(name),
  ).map((given) => {
    const scenario = {
      ...given,
      ...(viewers === undefined ? {} : { viewers }),
      ...(seconds === undefined ? {} : { seconds }),
      ...(up === undefined ? {} : { upMbit: up }),
      ...(down === undefined ? {} : { downMbit: down }),
      ...(rtt === undefined ? {} : { edgeRoundTripMs: rtt }),
      ...(schedule === undefined ? {} : { schedule }),
    };
    return { scenario, seeds: seeds ?? (quick === true || scenario.viewers >= MANY ? 1 : DEFAULT_SEEDS) };
  });
}

async function play({ scenario, seeds }: Run, { progress, signal }: BenchComponents): Promise<Turn[]> {
  const turns: Turn[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    if (signal.aborted) throw new BenchError('interrupted', 'stopped before the end');
    const begun = performance.now();
    const before = process.cpuUsage();
    const outcome = await runScenario(scenario, seed, signal);
    const wall = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(before);
    const values: Record<string, number> = {
      ...figuresOf(scenario, outcome),
      wall,
      cpu: (user + system) / 1e6,
    };
    turns.push({ round: seed, contender: scenario.name, values });
    progress(
      `${scenario.name}, seed ${seed} of ${seeds}: ${formatValue(values.offload ?? 0, 'share')} in ${wall.toFixed(1)} s`,
    );
  }
  return turns;
}

function goalsOf(scenario: Scenario, turns: readonly Turn[]): Goal[] {
  return scenario.goals.flatMap(({ metric: key, atLeast, atMost }) => {
    const metric = METRICS.find((candidate) => candidate.key === key);
    const values = turns.flatMap(({ values: { [key]: value } }) => value ?? []);
    if (metric === undefined || values.length === 0) return [];
    const middle = median(values);
    const bound = atLeast ?? atMost ?? 0;
    return [
      {
        text: `${scenario.name}: ${metric.label} at ${atLeast === undefined ? 'most' : 'least'} ${formatValue(bound, metric.unit)}`,
        measured: formatValue(middle, metric.unit),
        met: atLeast === undefined ? middle <= bound : middle >= bound,
      },
    ];
  });
}

function bySeed(turns: readonly Turn[], metric: Metric): string {
  const values = turns.map(({ values: { [metric.key]: value = 0 } }) => formatValue(value, metric.unit));
  return `${turns[0]?.contender ?? ''}: ${metric.label} by seed ${values.join(', ')}`;
}

async function run(components: BenchComponents, options: BenchOptions): Promise<Report> {
  const started = new Date();
  const played: { run: Run; turns: Turn[] }[] = [];
  for (const one of runsOf(options)) played.push({ run: one, turns: await play(one, components) });
  const turns = played.flatMap((one) => one.turns);
  const contenders = played.map(({ run: { scenario, seeds } }) => ({
    name: scenario.name,
    family: scenario.name,
    version: `${scenario.viewers} viewers, ${seeds} seed${seeds === 1 ? '' : 's'}`,
    setting: `${scenario.summary}; ${scenario.upMbit} up, ${scenario.downMbit} down, edge ${scenario.edgeRoundTripMs} ms away`,
  }));
  const swarm: WorkloadReport = {
    name: 'swarm',
    description: 'medians over seeds',
    headline: OFFLOAD.key,
    rows: summarizeTurns(turns, contenders, METRICS),
    comparisons: [],
    goals: played.flatMap(({ run: { scenario }, turns: own }) => goalsOf(scenario, own)),
    notes: played.filter(({ turns: own }) => own.length > 1).map(({ turns: own }) => bySeed(own, OFFLOAD)),
    turns,
  };
  const reasons: WorkloadReport = {
    name: 'edge bytes by reason',
    description: 'per byte played',
    headline: '',
    metrics: REASON_METRICS,
    rows: summarizeTurns(turns, contenders, REASON_METRICS),
    comparisons: [],
    notes: REASONS.map((reason) => `${reason}: ${REASON_MEANING[reason]}`),
    turns: [],
  };
  return {
    schema: 1,
    bench: 'simulate',
    title: 'The swarm, simulated: real SDK and meeting place over modelled links',
    startedAt: started.toISOString(),
    durationSeconds: Math.round((Date.now() - started.getTime()) / 1000),
    machine: await describeMachine(),
    method: METHOD,
    contenders,
    metrics: METRICS,
    workloads: [swarm, reasons],
    warnings: [],
  };
}

export const simulateBench: Bench = {
  name: 'simulate',
  summary: 'the real SDK and meeting place over modelled links: offload, waste, stalls, latency, by seed',
  workloads: SCENARIOS.map(({ name, summary }) => ({ name, summary })),
  run,
};
