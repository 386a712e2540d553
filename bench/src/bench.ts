import type { Report } from './report/report.js';

/** What every bench is handed: where to show progress, and when to give up. */
export interface BenchComponents {
  /** Shows one line to the person who waits. */
  readonly progress: (line: string) => void;
  /** Aborted when the person interrupts; the bench then stops its servers and throws `interrupted`. */
  readonly signal: AbortSignal;
}

/** How long and how often to measure; the same for every bench. */
export interface BenchOptions {
  /** Rounds; in each, every contender has one turn. */
  readonly rounds: number;
  /** Seconds under load that count, per turn. */
  readonly seconds: number;
  /** Seconds under load before them that do not count. */
  readonly warmUpSeconds: number;
  /** Threads of the load generator. */
  readonly loadThreads: number;
  /** How long the whole run may wait for the rest of the machine to be quiet, disturbed turns included. */
  readonly patienceSeconds: number;
  /** Names of workloads; default: all. */
  readonly only?: readonly string[];
  /** Little of everything, to see that it runs. */
  readonly quick?: boolean;
}

/** One side-by-side measurement, runnable by name. */
export interface Bench {
  readonly name: string;
  /** One line for the list of names. */
  readonly summary: string;
  /** What `only` may name. */
  readonly workloads?: readonly { readonly name: string; readonly summary: string }[];
  /** Where the command line says nothing else. */
  readonly defaults?: Partial<Pick<BenchOptions, 'rounds' | 'seconds'>>;
  /** Measures and returns everything that was seen. Throws {@link BenchError}. */
  readonly run: (components: BenchComponents, options: BenchOptions) => Promise<Report>;
  /** Records CPU profiles below `folder` and returns what they say. */
  readonly profile?: (components: BenchComponents, options: BenchOptions, folder: string) => Promise<string>;
}
