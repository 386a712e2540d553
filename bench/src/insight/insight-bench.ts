import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InsightStore, openClickHouseStore, openDuckDbStore } from '@eddy/edge/insight';
import type { Bench, BenchComponents, BenchOptions } from '../bench.js';
import { describeMachine } from '../machine/machine.js';
import { Cleanup } from '../process/cleanup.js';
import type { Contender, Goal, Report, Turn, WorkloadReport } from '../report/report.js';
import { summarizeTurns } from '../report/summary.js';
import { median } from '../statistics/statistics.js';
import { startClickHouse } from '../system/clickhouse.js';
import { killAmidIntake } from './intake/kill-amid-intake.js';
import { measureIntake } from './intake/measure-intake.js';
import { INTAKE_METRICS, KILL_METRICS, VIEW_METRICS } from './metrics.js';
import { askViews } from './views/ask-views.js';
import { DATABASE, fillClickHouse } from './views/fill-clickhouse.js';
import { fillDuckDb } from './views/fill-duckdb.js';
import { type FillSize, FULL, QUICK } from './views/filling.js';

const MOST_MS = 500;
const MOST_CORES = 0.1;
const TIMES = 5;

const METHOD: readonly string[] = [
  "Views: the store is filled with made-up figures of every stream, PoP and arm at every minute, hour and day that it keeps; then everything that the dashboard asks is asked of the query API's own code, five times in a row, in this process. DuckDB has one thread and 512 MB, as in an edge; ClickHouse is Debian's 18.16 with its defaults, on the same machine.",
  'Beacons: cores of the edge process from /proc while it serves media alone, and while the same media and beacons come; the difference is what beacons cost. Each beacon is a POST of 10 s of watching over a connection of its own that is kept.',
  'Lost: sent, and not both acknowledged and counted as stored.',
  'kill -9: SIGKILL to the edge amid the intake and a start in the same folder. Every batch claims one byte, so the sum of bytes counts batches.',
];

/** Of minutes, of which no view reads more than an hour: seven days take half an hour to fill in. */
const MINUTE_DAYS = Number(process.env.EDDY_BENCH_INSIGHT_MINUTE_DAYS ?? FULL.minuteDays);

/** Filled stores are kept here, so that they can be measured again. Default: a temporary folder. */
const KEPT = process.env.EDDY_BENCH_INSIGHT_FOLDER;

async function viewsOf(
  components: BenchComponents,
  { name, store, size, filledIn }: { name: string; store: InsightStore; size: FillSize; filledIn: string },
): Promise<WorkloadReport> {
  components.progress(`${name}: asking`);
  const asked = await askViews(store, TIMES);
  const bytes = await store.sizeBytes();
  const turns: Turn[] = asked.map(({ view, range, ms }) => ({
    round: 1,
    contender: `${view}, ${range}`,
    values: { medianMs: median(ms), worstMs: Math.max(...ms) },
  }));
  const contenders: Contender[] = turns.map(({ contender }) => ({
    ...{ name: contender, family: contender, version: '', setting: '' },
  }));
  const worst = turns.reduce((one, other) =>
    (other.values.worstMs ?? 0) > (one.values.worstMs ?? 0) ? other : one,
  );
  const worstMs = worst.values.worstMs ?? 0;
  return {
    name: `views on ${name}`,
    description: `${size.streams} streams x ${size.pops} PoPs x 2 arms: ${size.minuteDays} days of minutes, ${size.hourDays} of hours, ${size.dayDays} of days`,
    headline: 'worstMs',
    metrics: VIEW_METRICS,
    rows: summarizeTurns(turns, contenders, VIEW_METRICS),
    comparisons: [],
    goals: [
      {
        text: `each view on ${name} under ${MOST_MS} ms`,
        measured: `${worstMs.toFixed(0)} ms at worst (${worst.contender})`,
        met: worstMs < MOST_MS,
      },
    ],
    notes: [`${name} takes ${(bytes / 1e9).toFixed(2)} GB on disk; ${filledIn}`],
    turns,
  };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function duckDbViews(
  components: BenchComponents,
  size: FillSize,
  folder: string,
): Promise<WorkloadReport> {
  const file = join(folder, 'views.duckdb');
  const started = performance.now();
  const kept = await isThere(file);
  if (!kept) await fillDuckDb(file, size, components.progress);
  const seconds = (performance.now() - started) / 1000;
  const store = await openDuckDbStore(file);
  try {
    const filledIn = kept ? 'filled before' : `filled in ${seconds.toFixed(0)} s`;
    return await viewsOf(components, { name: 'DuckDB', store, size, filledIn });
  } finally {
    await store.close();
  }
}

async function clickHouseViews(
  components: BenchComponents,
  size: FillSize,
  folder: string,
): Promise<WorkloadReport> {
  const where = join(folder, 'clickhouse');
  const kept = await isThere(join(where, 'filled'));
  await mkdir(where, { recursive: true });
  const server = await startClickHouse({ folder: where, signal: components.signal });
  try {
    const started = performance.now();
    if (!kept) {
      await fillClickHouse(server.url, size, components.progress);
      await mkdir(join(where, 'filled'));
    }
    const seconds = (performance.now() - started) / 1000;
    const store = await openClickHouseStore({
      ...{ url: server.url, database: DATABASE, username: 'default', password: '' },
    });
    try {
      const filledIn = kept ? 'filled before' : `filled in ${seconds.toFixed(0)} s`;
      return await viewsOf(components, { name: 'ClickHouse', store, size, filledIn });
    } finally {
      await store.close();
    }
  } finally {
    await server.stop();
  }
}

const EDGE: Contender = { name: 'eddy-edge', family: 'eddy', version: '', setting: 'DuckDB' };

async function beacons(components: BenchComponents, quick: boolean): Promise<WorkloadReport> {
  const size = quick
    ? { players: 400, everyMs: 5000, seconds: 8, mediaPerSecond: 50 }
    : { players: 8000, everyMs: 10_000, seconds: 40, mediaPerSecond: 100 };
  const values = await measureIntake(components, size);
  const turns: Turn[] = [{ round: 1, contender: EDGE.name, values }];
  const { beaconCores = Number.NaN, lost = Number.NaN } = values;
  const goals: Goal[] = [
    { text: 'no beacon lost', measured: `${lost} lost`, met: lost === 0 },
    {
      text: `beacons take under ${MOST_CORES * 100}% of one core`,
      measured: `${(beaconCores * 100).toFixed(1)}%`,
      met: beaconCores < MOST_CORES,
    },
  ];
  return {
    name: 'beacons',
    description: `${size.players} players that beacon every ${size.everyMs / 1000} s beside ${size.mediaPerSecond} media requests of 256 KiB a second`,
    headline: 'beaconCores',
    metrics: INTAKE_METRICS,
    rows: summarizeTurns(turns, [EDGE], INTAKE_METRICS),
    comparisons: [],
    goals,
    turns,
  };
}

async function kills(components: BenchComponents, rounds: number, quick: boolean): Promise<WorkloadReport> {
  const size = quick
    ? { players: 200, everyMs: 1000, seconds: 8, killAt: 500 }
    : { players: 800, everyMs: 1000, seconds: 15, killAt: 5000 };
  const turns: Turn[] = [];
  for (let round = 1; round <= rounds; round++) {
    components.progress(`kill -9, round ${round} of ${rounds}`);
    // Killed at another moment of the commit each time.
    const killAt = size.killAt + round * 137;
    const values = await killAmidIntake(components, { ...size, killAt }, `k${round}`);
    turns.push({ round, contender: EDGE.name, values });
  }
  const sum = (key: string): number => turns.reduce((all, { values }) => all + (values[key] ?? 0), 0);
  return {
    name: 'kill-9',
    description: `${size.players} batches a second, killed after ${size.killAt} answers or so`,
    headline: 'missing',
    metrics: KILL_METRICS,
    rows: summarizeTurns(turns, [EDGE], KILL_METRICS),
    comparisons: [],
    goals: [
      { text: 'no acknowledged batch lost', measured: `${sum('missing')} lost`, met: sum('missing') === 0 },
      { text: 'none counted twice', measured: `${sum('extra')} twice`, met: sum('extra') === 0 },
    ],
    turns,
  };
}

const WORKLOADS = [
  { name: 'views-duckdb', summary: 'what each view of the dashboard takes on a full DuckDB' },
  { name: 'views-clickhouse', summary: 'the same on ClickHouse' },
  { name: 'beacons', summary: '8,000 players that beacon into an edge that serves media' },
  { name: 'kill-9', summary: 'kill -9 amid intake: what was acknowledged is there, once' },
];

async function run(components: BenchComponents, options: BenchOptions): Promise<Report> {
  const started = new Date();
  const cleanup = new Cleanup();
  const { quick = false, only = WORKLOADS.map(({ name }) => name) } = options;
  const size = quick ? QUICK : { ...FULL, minuteDays: MINUTE_DAYS };
  const folder = KEPT ?? (await mkdtemp(join(tmpdir(), 'eddy-insight-bench-')));
  await mkdir(folder, { recursive: true });
  if (KEPT === undefined) cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const workloads: WorkloadReport[] = [];
  try {
    if (only.includes('views-duckdb')) workloads.push(await duckDbViews(components, size, folder));
    if (only.includes('views-clickhouse')) workloads.push(await clickHouseViews(components, size, folder));
    if (only.includes('beacons')) workloads.push(await beacons(components, quick));
    if (only.includes('kill-9')) workloads.push(await kills(components, options.rounds, quick));
  } finally {
    await cleanup.run();
  }
  return {
    schema: 1,
    bench: 'insight',
    title: 'Insight: intake, crash, and what the dashboard waits for',
    startedAt: started.toISOString(),
    durationSeconds: Math.round((Date.now() - started.getTime()) / 1000),
    machine: await describeMachine(),
    method: METHOD,
    contenders: [EDGE],
    metrics: VIEW_METRICS,
    workloads,
    warnings: [],
  };
}

export const insightBench: Bench = {
  name: 'insight',
  summary: 'beacons of 8,000 players, kill -9 amid them, and each view of a full DuckDB and ClickHouse',
  workloads: WORKLOADS,
  defaults: { rounds: 3, seconds: 2 },
  run,
};
