import type { Bench, BenchComponents, BenchOptions } from '../bench.js';
import { BenchError } from '../errors.js';
import { describeMachine } from '../machine/machine.js';
import type { Metric, Report, Turn, WorkloadReport } from '../report/report.js';
import { compareFamilies, summarizeTurns } from '../report/summary.js';
import { AHEAD_METHOD, aheadReports } from './ahead/ahead-report.js';
import { POLICIES, SUBJECT } from './contenders/line-up.js';
import { measureHitCost } from './hit-cost.js';
import { replay } from './replay.js';
import { CACHE_SHARES, WORK } from './traces/work.js';

const BYTE_HITS: Metric = { key: 'byteHits', label: 'byte hits', unit: 'share', better: 'higher' };
const COST: Metric = { key: 'nsPerAccess', label: 'cost', unit: 'ns', better: 'lower' };
const METRICS: readonly Metric[] = [
  BYTE_HITS,
  { key: 'objectHits', label: 'object hits', unit: 'share', better: 'higher' },
  COST,
];

const METHOD: readonly string[] = [
  'Each round is one seed: traces are drawn from it, and every policy replays the same requests.',
  'The first quarter of a trace fills the cache and does not count. A missing object is fetched at once.',
  'Sizes are those that the edge counts, overhead included; the byte limit is checked after each replay.',
  'Cost of a trace: the whole replay, misses and evictions included, on this thread. LRU and S3-FIFO are the ' +
    "edge's stores by path; the others are keyed by number, which flatters them by a string's hash.",
  '"knows the future" lets the object leave that is needed last (Belady with bypass). With sizes that differ the ' +
    'optimum is NP-hard; this is not a bound on it, but close, since segments are alike in size.',
];

type TurnsOf = Map<string, Turn[]>;

async function replayAll(
  { progress, signal }: BenchComponents,
  { rounds }: Pick<BenchOptions, 'rounds'>,
): Promise<TurnsOf> {
  const turns: TurnsOf = new Map();
  for (let round = 1; round <= rounds; round++) {
    for (const work of WORK) {
      const trace = work.make(round);
      progress(
        `round ${round} of ${rounds}: ${work.name}, ${trace.objects.length} requests for ${trace.keys.length} objects`,
      );
      for (const share of CACHE_SHARES) {
        for (const { name, open } of POLICIES) {
          // Lets an interrupt through: a replay takes up to a second.
          await new Promise((resolve) => setImmediate(resolve));
          if (signal.aborted) throw new BenchError('interrupted', 'stopped before the end');
          const limitBytes = Math.floor(trace.catalogueBytes * share);
          const values = { ...replay(trace, open(limitBytes, trace), limitBytes) };
          add(turns, workloadName(work.name, share), { round, contender: name, values });
        }
      }
    }
    for (const { contender, nsPerGet } of measureHitCost(round)) {
      add(turns, HITS, { round, contender, values: { nsPerAccess: nsPerGet } });
    }
  }
  return turns;
}

const HITS = 'one hit';
const workloadName = (work: string, share: number): string => `${work}, cache ${Math.round(share * 100)}%`;

function add(turns: TurnsOf, workload: string, turn: Turn): void {
  const before = turns.get(workload);
  if (before === undefined) turns.set(workload, [turn]);
  else before.push(turn);
}

function traceReports(turns: TurnsOf): WorkloadReport[] {
  return WORK.flatMap(({ name, description }) =>
    CACHE_SHARES.map((share) => {
      const own = turns.get(workloadName(name, share)) ?? [];
      return {
        name: workloadName(name, share),
        description,
        headline: BYTE_HITS.key,
        rows: summarizeTurns(own, POLICIES, METRICS),
        comparisons: compareFamilies(own, POLICIES, { subject: SUBJECT, metric: BYTE_HITS }),
        turns: own,
      };
    }),
  );
}

function hitReport(turns: TurnsOf): WorkloadReport {
  const own = turns.get(HITS) ?? [];
  const names = [...new Set(own.map(({ contender }) => contender))];
  const contenders = names.map((name) => ({ name, family: name, version: '', setting: '' }));
  return {
    name: HITS,
    description: 'get of an object that is held, by a path as a request brings it',
    headline: COST.key,
    metrics: [COST],
    rows: summarizeTurns(own, contenders, [COST]),
    comparisons: compareFamilies(own, contenders, { subject: SUBJECT, metric: COST }),
    turns: own,
  };
}

async function run(components: BenchComponents, options: BenchOptions): Promise<Report> {
  const started = new Date();
  const turns = await replayAll(components, options);
  const ahead = await aheadReports(components, options);
  return {
    schema: 1,
    bench: 'policy',
    title: 'Who leaves the cache: hits of each policy on the same HLS requests',
    startedAt: started.toISOString(),
    durationSeconds: Math.round((Date.now() - started.getTime()) / 1000),
    machine: await describeMachine(),
    method: [...METHOD, ...AHEAD_METHOD],
    contenders: POLICIES.map(({ name, family, version, setting }) => ({ name, family, version, setting })),
    metrics: METRICS,
    workloads: [...traceReports(turns), hitReport(turns), ...ahead],
    warnings: [],
  };
}

export const policyBench: Bench = {
  name: 'policy',
  summary:
    'byte hits of LRU, S3-FIFO, SIEVE, W-TinyLFU, LFU-DA and Belady on VOD and live traces; fetching ahead',
  run,
};
