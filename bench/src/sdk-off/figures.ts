import type { Goal, Metric, Turn } from '../report/report.js';
import { median } from '../statistics/statistics.js';
import { LOADED, PLAIN, PLAIN_AGAIN } from './contenders.js';

export const START: Metric = { key: 'startMs', label: 'start', unit: 'ms', better: 'lower' };
/** Processor time: what else the machine does meanwhile is not in it. */
export const MAIN_THREAD: Metric = { key: 'cpuMs', label: 'main thread', unit: 'ms', better: 'lower' };
export const REQUESTS: Metric = { key: 'requests', label: 'requests', unit: 'count', better: 'lower' };

export const SDK_OFF_METRICS: readonly Metric[] = [
  START,
  MAIN_THREAD,
  { key: 'taskMs', label: 'its tasks', unit: 'ms', better: 'lower' },
  { key: 'scriptMs', label: 'of it script', unit: 'ms', better: 'lower' },
  { key: 'longTaskMs', label: 'in long tasks', unit: 'ms', better: 'lower' },
  REQUESTS,
  { key: 'heapBytes', label: 'heap', unit: 'bytes', better: 'lower' },
  { key: 'loadTaskMs', label: 'loading scripts', unit: 'ms', better: 'lower' },
  { key: 'longTasks', label: 'long tasks', unit: 'count', better: 'lower', detail: true },
];

/** Of pages that were visited in the same rounds. */
export interface Difference {
  readonly median: number;
  /** The true one lies this far from it in 95 of 100 cases. */
  readonly uncertainty: number;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function quartile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return below + (above - below) * (place - Math.floor(place));
}

/**
 * The median of the differences within rounds, with the notch of a box plot (1.57 interquartile ranges by the root of
 * the count: McGill, Tukey and Larsen 1978). Undefined below four rounds. The page without the SDK is visited twice a
 * round: their mean is what others are laid beside, and the second is laid beside the first.
 */
export function differenceOf(
  turns: readonly Turn[],
  contender: string,
  { key }: Metric,
): Difference | undefined {
  const valueIn = (round: number, name: string): number | undefined =>
    turns.find((turn) => turn.round === round && turn.contender === name)?.values[key];
  const rounds = [...new Set(turns.map(({ round }) => round))];
  const differences = rounds
    .flatMap((round) => {
      const own = valueIn(round, contender);
      const plain = (contender === PLAIN_AGAIN ? [PLAIN] : [PLAIN, PLAIN_AGAIN])
        .map((name) => valueIn(round, name))
        .filter((value) => value !== undefined);
      return own === undefined || plain.length === 0 ? [] : [own - mean(plain)];
    })
    .sort((a, b) => a - b);
  if (differences.length < 4) return undefined;
  const range = quartile(differences, 0.75) - quartile(differences, 0.25);
  return { median: median(differences), uncertainty: (1.57 * range) / Math.sqrt(differences.length) };
}

/** No difference from the page without the SDK that could be told from none. Requests are counted, not measured. */
export function sdkOffGoals(turns: readonly Turn[]): Goal[] {
  const names = [...new Set(turns.map(({ contender }) => contender))];
  return names
    .filter((name) => ![PLAIN, PLAIN_AGAIN, LOADED].includes(name))
    .flatMap((name) => [
      ...[START, MAIN_THREAD].flatMap((metric) => noDifference(turns, name, metric)),
      ...noMoreRequests(turns, name),
    ]);
}

function noDifference(turns: readonly Turn[], name: string, metric: Metric): Goal[] {
  const found = differenceOf(turns, name, metric);
  if (found === undefined) return [];
  const beside = [
    ['plain again', PLAIN_AGAIN],
    ['script not called', LOADED],
  ].map(([words = '', other = '']) => {
    const difference = differenceOf(turns, other, metric);
    return difference === undefined ? '' : `; ${words} ${inWords(difference)}`;
  });
  return [
    {
      text: `${name}: no measurable difference in ${metric.label}`,
      measured: inWords(found) + beside.join(''),
      met: found.median - found.uncertainty <= 0,
    },
  ];
}

function noMoreRequests(turns: readonly Turn[], name: string): Goal[] {
  const found = differenceOf(turns, name, REQUESTS);
  if (found === undefined) return [];
  const { median: more } = found;
  return [{ text: `${name}: no further request`, measured: `${more} more`, met: more <= 0 }];
}

function inWords({ median: middle, uncertainty }: Difference): string {
  return `${middle >= 0 ? '+' : ''}${middle.toFixed(1)} ± ${uncertainty.toFixed(1)} ms`;
}
