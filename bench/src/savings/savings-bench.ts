import { type GroundTruth, runGroundTruth } from '@eddy/edge/insight';
import type { Bench, BenchComponents, BenchOptions } from '../bench.js';
import { BenchError } from '../errors.js';
import { describeMachine } from '../machine/machine.js';
import type { Contender, Metric, Report, Turn } from '../report/report.js';
import { summarizeTurns } from '../report/summary.js';
import { median } from '../statistics/statistics.js';

const SEEDS = 1000;
const WORLD = { sessions: 7000, streams: 200, hours: 24, holdoutShare: 0.1 };
const LIARS = 0.05;
/** The same world told the truth, in so many of the seeds: what liars shift. */
const COMPARED = 100;
/** Of 1,000. */
const COVERED = [935, 970] as const;
const MOST_HALF_WIDTH = 0.1;
const MOST_SHIFT = 0.01;

const METRICS: readonly Metric[] = [
  { key: 'covered', label: 'interval holds the truth', unit: 'share', better: 'higher' },
  { key: 'halfWidth', label: 'half width', unit: 'share', better: 'lower' },
  { key: 'bias', label: 'estimate / truth', unit: 'ratio', better: 'higher' },
];

const METHOD: readonly string[] = [
  `A seed is a day of ${WORLD.sessions} sessions on ${WORLD.streams} streams by popularity. A stream has another bitrate and another offload in every hour, shared by all who watch it then; viewers differ on top of that. Savings of the world are known: what the treated would have drawn, given how long they watched, less what they drew.`,
  `10% are held out, 5% lie: they claim no bytes from the edge, ten times the bytes from peers, twice the time, and the other arm. All reports go through the code that judges them on an edge (its own count of bytes sent, its own arms, the clock).`,
  'The interval is of a ratio estimator whose variance is robust to clusters of stream and hour.',
];

function valuesOf({ trueBytes, estimate }: GroundTruth): Record<string, number> {
  const { savedBytes, lowBytes, highBytes } = estimate;
  return {
    covered: lowBytes <= trueBytes && trueBytes <= highBytes ? 1 : 0,
    halfWidth: (highBytes - lowBytes) / 2 / savedBytes,
    bias: savedBytes / trueBytes,
  };
}

const CONTENDER: Contender = { name: 'eddy', family: 'eddy', version: '', setting: `${LIARS * 100}% liars` };

async function run({ progress, signal }: BenchComponents, options: BenchOptions): Promise<Report> {
  const started = new Date();
  const seeds = options.quick === true ? 20 : SEEDS;
  const turns: Turn[] = [];
  const shifts: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    // Lets an interrupt through.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) throw new BenchError('interrupted', 'stopped before the end');
    const told = runGroundTruth({ ...WORLD, seed, liarShare: LIARS });
    turns.push({ round: seed, contender: CONTENDER.name, values: valuesOf(told) });
    if (seed <= COMPARED) {
      const honest = runGroundTruth({ ...WORLD, seed, liarShare: 0 });
      shifts.push(Math.abs(told.estimate.savedShare - honest.estimate.savedShare));
    }
    if (seed % 100 === 0) progress(`${seed} of ${seeds} seeds`);
  }
  const all = (key: string): number[] => turns.map(({ values }) => values[key] ?? 0);
  const covered = all('covered').reduce((sum, value) => sum + value, 0);
  const halfWidth = Math.max(...all('halfWidth'));
  const shift = Math.max(...shifts);
  const scaled = (covered / seeds) * 1000;
  return {
    schema: 1,
    bench: 'savings',
    title: 'Savings beside the truth of made-up audiences',
    startedAt: started.toISOString(),
    durationSeconds: Math.round((Date.now() - started.getTime()) / 1000),
    machine: await describeMachine(),
    method: METHOD,
    contenders: [CONTENDER],
    metrics: METRICS,
    workloads: [
      {
        name: 'ground truth',
        description: `${seeds} seeds of ${WORLD.sessions} sessions`,
        headline: 'covered',
        rows: summarizeTurns(turns, [CONTENDER], METRICS),
        comparisons: [],
        goals: [
          {
            text: `the 95% interval holds the truth in ${COVERED[0]} to ${COVERED[1]} of 1,000 seeds`,
            measured: `${covered} of ${seeds}`,
            met: scaled >= COVERED[0] && scaled <= COVERED[1],
          },
          {
            text: `half width at most ${MOST_HALF_WIDTH * 100}% of the savings at ${WORLD.sessions} sessions`,
            measured: `${(median(all('halfWidth')) * 100).toFixed(1)}% in the middle, ${(halfWidth * 100).toFixed(1)}% at worst`,
            met: median(all('halfWidth')) <= MOST_HALF_WIDTH,
          },
          {
            text: 'liars shift the share saved by less than 1 point',
            measured: `${(shift * 100).toFixed(3)} points at worst of ${shifts.length} seeds`,
            met: shift < MOST_SHIFT,
          },
        ],
        turns,
      },
    ],
    warnings: [],
  };
}

export const savingsBench: Bench = {
  name: 'savings',
  summary: '1,000 made-up days whose savings are known, with liars: how often the interval holds the truth',
  run,
};
