import type { Machine } from '../machine/machine.js';
import type { Summary } from '../statistics/statistics.js';

/** One thing that is measured in each turn. */
export interface Metric {
  readonly key: string;
  readonly label: string;
  readonly unit:
    | 'bytes/s'
    | 'requests/s'
    | 'bytes'
    | 'bit/s'
    | 'count'
    | 'number'
    | 'share'
    | 'fraction'
    | 's'
    | 'ms'
    | 'us'
    | 'ns'
    | 'cores'
    | 'ratio';
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
  /** What it did beside caching while it was measured: metrics, limits, TLS ... */
  readonly features?: readonly string[];
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
  /** The subject's setting, where it has several. */
  readonly ours?: string;
  readonly ratio: Summary;
  /** The ratio of each round, in order. */
  readonly rounds: readonly number[];
}

/** A promise and whether this run kept it. */
export interface Goal {
  readonly text: string;
  /** What was measured, in words. */
  readonly measured: string;
  readonly met: boolean;
}

/** What could not be measured. A run with any of these has not measured everything it was asked for. */
export interface Unmeasured {
  readonly what: string;
  readonly reason: string;
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
  readonly goals?: readonly Goal[];
  /** How this one was measured, and what else was seen. */
  readonly notes?: readonly string[];
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
  readonly unmeasured?: readonly Unmeasured[];
}
