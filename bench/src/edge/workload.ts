import type { BenchOptions } from '../bench.js';
import type { WorkloadReport } from '../report/report.js';
import type { Stage } from './stage.js';

/** One row of the table of promises: what is asked of every server, and what of it is counted. */
export interface EdgeWorkload {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** About how long it takes, starts and all, on `cores` cores that are quiet. */
  readonly estimateSeconds: (options: BenchOptions, cores: number) => number;
  /** Throws {@link BenchError}; what single servers cannot do goes into `stage.unmeasured`. */
  readonly measure: (stage: Stage, options: BenchOptions) => Promise<WorkloadReport>;
}
