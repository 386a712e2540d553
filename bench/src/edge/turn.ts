import { BenchError } from '../errors.js';
import type { LoadResult } from '../load/wrk-report.js';
import type { Usage } from './usage.js';

/** The figures of one turn under a closed loop; keys are those of the metrics. */
export interface TurnValues {
  readonly bytesPerSecond: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuPerRequestUs: number;
  readonly serverCores: number;
  readonly loadCores: number;
  readonly otherCores: number;
  readonly stolenCores: number;
}

/**
 * Turns what the load and the machine saw into figures. Throws BenchError `wrong-answer` where fewer bytes came than
 * whole objects have, `not-a-hit` where the origin was asked.
 */
export function turnValues(
  load: LoadResult,
  usage: Usage,
  { name, objectBytes }: { readonly name: string; readonly objectBytes: number },
): TurnValues {
  if (load.bytes < load.requests * objectBytes) {
    throw new BenchError(
      'wrong-answer',
      `${name} sent ${load.bytes} bytes for ${load.requests} objects of ${objectBytes}`,
    );
  }
  onlyHits(usage, name);
  return {
    bytesPerSecond: load.bytes / load.seconds,
    requestsPerSecond: load.requests / load.seconds,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    cpuPerRequestUs: (usage.serverSeconds / load.requests) * 1e6,
    serverCores: usage.serverSeconds / usage.seconds,
    loadCores: usage.loadSeconds / usage.seconds,
    otherCores: usage.otherCores,
    stolenCores: usage.stolenCores,
  };
}

/** Throws BenchError `not-a-hit` where the origin was asked while hits were measured. */
export function onlyHits({ originRequests }: Usage, name: string): void {
  if (originRequests === 0) return;
  throw new BenchError(
    'not-a-hit',
    `${name} asked its origin ${originRequests} times while hits were measured`,
  );
}
