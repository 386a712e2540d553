import type { Machine } from '../machine/machine.js';
import type { Summary } from '../statistics/statistics.js';

/** One thing that is measured in each turn. */
export interface Metric {
  readonly key: string;
  readonly label: string;
  readonly unit: 'bytes/s' | 'requests/s' | 'ms' | 'us' | 'cores' | 'ratio' | 'share' | 'ns';
  readonly better: 'higher' | 'lower';
  /** Only in the JSON: it says whether to believe a turn, not how fast it was. */
  readonly detail?: true;
}

/** One server in one setting. */
export interface Contender {
  readonly name: string;
  /** Settings of one product share a family; a comparison takes the better of them. */
  readonly family: string;
  readonly version: string;
  /** What is special about this setting, in a few words. */
  readonly setting: string;
}

/** What one contender did in one round of one workload. */
export interface Turn {
  readonly round: number;
  readonly contender: string;
  readonly values: Readonly<Record<string, number>>;
}

export interface Row {
  readonly contender: string;
  /** By key of metric. */
  readonly summary: Readonly<Record<string, Summary>>;
}

/** The subject beside the best setting of one other family. */
export interface Comparison {
  readonly family: string;
  /** The setting with the best median of `metric`. */
  readonly against: string;
  readonly metric: string;
  readonly ratio: Summary;
  /** The ratio of each round, in order. */
  readonly rounds: readonly number[];
}

export interface WorkloadReport {
  readonly name: string;
  readonly description: string;
  /** The metric by which settings and families are compared. */
  readonly headline: string;
  /** The metrics of this workload, where they are not those of the report. */
  readonly metrics?: readonly Metric[];
  readonly rows: readonly Row[];
  readonly comparisons: readonly Comparison[];
  readonly turns: readonly Turn[];
}

/** Everything one run has seen; written as it is by `--json`. */
export interface Report {
  readonly schema: 1;
  readonly bench: string;
  readonly title: string;
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly machine: Machine;
  readonly method: readonly string[];
  readonly contenders: readonly Contender[];
  readonly metrics: readonly Metric[];
  readonly workloads: readonly WorkloadReport[];
  /** What a reader should know before believing the figures; empty when there is nothing. */
  readonly warnings: readonly string[];
}
