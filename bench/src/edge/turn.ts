import { BenchError } from '../errors.js';
import type { LoadResult } from '../load/wrk-report.js';
import type { MachineTime } from '../machine/proc.js';

/** Counters of the machine at one moment. */
export interface Counters {
  readonly timeMs: number;
  /** CPU seconds of the server's process tree. */
  readonly serverSeconds: number;
  /** CPU seconds of this process. */
  readonly ownSeconds: number;
  /** CPU seconds of our children that have ended: the load generator. */
  readonly loadSeconds: number;
  readonly machine: MachineTime;
  /** Requests that the origin has answered. */
  readonly originRequests: number;
}

/** The figures of one turn; keys are those of the metrics. */
export interface TurnValues {
  readonly bytesPerSecond: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuPerRequestUs: number;
  readonly serverCores: number;
  readonly loadCores: number;
  /** Cores that neither the server, nor the load generator, nor this process used. */
  readonly otherCores: number;
  readonly stolenCores: number;
}

/**
 * Turns counters before and after into figures. Throws BenchError `wrong-answer` where fewer bytes came than
 * whole objects have, `not-a-hit` where the origin was asked.
 */
export function turnValues(
  load: LoadResult,
  before: Counters,
  after: Counters,
  { name, objectBytes }: { readonly name: string; readonly objectBytes: number },
): TurnValues {
  if (load.bytes < load.requests * objectBytes) {
    throw new BenchError(
      'wrong-answer',
      `${name} sent ${load.bytes} bytes for ${load.requests} objects of ${objectBytes}`,
    );
  }
  const asked = after.originRequests - before.originRequests;
  if (asked > 0) {
    throw new BenchError('not-a-hit', `${name} asked its origin ${asked} times while hits were measured`);
  }
  const seconds = (after.timeMs - before.timeMs) / 1000;
  const server = after.serverSeconds - before.serverSeconds;
  const generator = after.loadSeconds - before.loadSeconds;
  const own = after.ownSeconds - before.ownSeconds;
  const busy = after.machine.busySeconds - before.machine.busySeconds;
  return {
    bytesPerSecond: load.bytes / load.seconds,
    requestsPerSecond: load.requests / load.seconds,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    cpuPerRequestUs: (server / load.requests) * 1e6,
    serverCores: server / seconds,
    loadCores: generator / seconds,
    otherCores: Math.max(0, busy - server - generator - own) / seconds,
    stolenCores: (after.machine.stolenSeconds - before.machine.stolenSeconds) / seconds,
  };
}
