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
  /** Names of contenders; default: all. */
  readonly contenders?: readonly string[];
  /** Where to write what was seen, turn by turn. */
  readonly keep?: string;
  /** Little of everything, to see that it runs. */
  readonly quick?: boolean;
  /** Of the simulated swarm only. */
  readonly simulation?: SimulationOptions;
}

/** What to change about every scenario of the simulated swarm; each has figures of its own. */
export interface SimulationOptions {
  readonly viewers?: number;
  /** Runs of each scenario. */
  readonly seeds?: number;
  /** From the last viewer's coming to the end. */
  readonly seconds?: number;
  /** Mbit/s of each viewer. */
  readonly up?: number;
  readonly down?: number;
  /** Milliseconds to the edge and back. */
  readonly rtt?: number;
  /** Changes to the SDK's `ScheduleOptions`, by name. */
  readonly schedule?: Readonly<Record<string, number>>;
}

/** One side-by-side measurement, runnable by name. */
export interface Bench {
  readonly name: string;
  /** One line for the list of names. */
  readonly summary: string;
  /** What `only` may name. */
  readonly workloads?: readonly { readonly name: string; readonly summary: string }[];
  /** How often and how long it measures where nothing is given; default 5 rounds of 2 s. */
  readonly defaults?: { readonly rounds: number; readonly seconds: number };
  /** Measures and returns everything that was seen. Throws {@link BenchError}. */
  readonly run: (components: BenchComponents, options: BenchOptions) => Promise<Report>;
  /** What the Markdown beside a kept JSON says of it, between its marks. */
  readonly tables?: (report: Report) => string;
  /** Records CPU profiles below `folder` and returns what they say. */
  readonly profile?: (components: BenchComponents, options: BenchOptions, folder: string) => Promise<string>;
}
