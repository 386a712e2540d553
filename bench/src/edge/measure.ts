import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../bench.js';
import { type Load, runWrk } from '../load/wrk.js';
import { ownCpu, readMachineTime, treeCpuSeconds } from '../machine/proc.js';
import { type Patience, waitForQuiet } from '../machine/quiet.js';
import type { TinyOrigin } from '../origin/tiny-origin.js';
import type { RunningServer } from '../servers/server.js';
import { type Counters, type TurnValues, turnValues } from './turn.js';
import type { Workload } from './workloads.js';

/** More than this on other work, and the turn is measured again. */
export const DISTURBED_CORES = 0.15;
const ATTEMPTS = 3;
const SAMPLE_MS = 400;

export interface MeasureComponents {
  readonly wrk: string;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly origin: TinyOrigin;
  /** Shared by all turns of a run. */
  readonly patience: Patience;
}

async function count(server: RunningServer, origin: TinyOrigin): Promise<Counters> {
  const [own, machine] = [await ownCpu(), await readMachineTime()];
  return {
    timeMs: performance.now(),
    serverSeconds: await treeCpuSeconds(server.pid),
    ownSeconds: own.ownSeconds,
    loadSeconds: own.endedChildrenSeconds,
    machine,
    originRequests: origin.requests(),
  };
}

/**
 * One turn: wait for quiet, warm up, measure. A turn during which other work took over {@link DISTURBED_CORES}
 * is measured again while patience lasts, up to three times, and the least disturbed one counts: never the fastest.
 */
export async function measureTurn(
  { wrk, folder, signal, origin, patience }: MeasureComponents,
  { name, server }: { readonly name: string; readonly server: RunningServer },
  workload: Workload,
  options: BenchOptions,
): Promise<TurnValues> {
  const load: Omit<Load, 'seconds'> = {
    url: server.url,
    paths: workload.objects.map(({ path }) => path),
    connections: workload.connections,
    threads: options.loadThreads,
  };
  let best: TurnValues | undefined;
  for (let attempt = 1; ; attempt++) {
    const start = performance.now();
    await waitForQuiet(
      {
        readTime: readMachineTime,
        now: () => performance.now(),
        sleep: (milliseconds) => sleep(milliseconds, undefined, { signal }),
      },
      { limitCores: DISTURBED_CORES, patienceMs: patience.leftMs, sampleMs: SAMPLE_MS },
    );
    patience.spend(performance.now() - start - SAMPLE_MS);
    if (options.warmUpSeconds > 0)
      await runWrk({ wrk, folder, signal }, { ...load, seconds: options.warmUpSeconds });
    const before = await count(server, origin);
    const result = await runWrk({ wrk, folder, signal }, { ...load, seconds: options.seconds });
    const after = await count(server, origin);
    const values = turnValues(result, before, after, { name, objectBytes: workload.objectBytes });
    if (best === undefined || values.otherCores < best.otherCores) best = values;
    if (best.otherCores <= DISTURBED_CORES || attempt === ATTEMPTS || patience.leftMs === 0) return best;
    patience.spend(performance.now() - start);
  }
}
