import { setTimeout as sleep } from 'node:timers/promises';
import { readMachineTime } from '../machine/proc.js';
import { type Patience, waitForQuiet } from '../machine/quiet.js';
import { countersOf, type Usage, usageBetween } from './usage.js';

/** More than this on other work, and the turn is measured again. */
export const DISTURBED_CORES = 0.15;
const ATTEMPTS = 3;
const SAMPLE_MS = 400;

export interface MeasureComponents {
  readonly signal: AbortSignal;
  readonly originRequests: () => number;
  /** Shared by all turns of a run. */
  readonly patience: Patience;
}

export interface Measured<R> {
  readonly result: R;
  readonly usage: Usage;
}

export interface TurnSteps<R> {
  readonly warmUp?: () => Promise<unknown>;
  /** All that counts; what it starts must have ended when it returns, or its CPU time is not seen. */
  readonly load: () => Promise<R>;
  /** Whether doing it again measures the same; default: true. */
  readonly repeatable?: boolean;
}

/**
 * One turn: wait for quiet, warm up, measure. A turn during which other work took over {@link DISTURBED_CORES}
 * is measured again while patience lasts, up to three times, and the least disturbed one counts: never the fastest.
 */
export async function measureTurn<R>(
  { signal, originRequests, patience }: MeasureComponents,
  pid: number,
  { warmUp, load, repeatable = true }: TurnSteps<R>,
): Promise<Measured<R>> {
  let best: Measured<R> | undefined;
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
    await warmUp?.();
    const before = await countersOf(pid, originRequests);
    const result = await load();
    const usage = usageBetween(before, await countersOf(pid, originRequests));
    if (best === undefined || usage.otherCores < best.usage.otherCores) best = { result, usage };
    if (
      !repeatable ||
      best.usage.otherCores <= DISTURBED_CORES ||
      attempt === ATTEMPTS ||
      patience.leftMs === 0
    )
      return best;
    patience.spend(performance.now() - start);
  }
}
