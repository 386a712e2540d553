import type { Metric } from '../report/report.js';
import type { TurnValues } from './turn.js';

const DETAIL = { unit: 'cores', better: 'lower', detail: true } as const;

/** Whether to believe a turn; part of every workload. */
export const DISTURBANCE: readonly Metric[] = [
  { key: 'otherCores', label: 'other cores', ...DETAIL },
  { key: 'stolenCores', label: 'stolen', ...DETAIL },
];

export const BYTES: Metric = { key: 'bytesPerSecond', label: 'bytes', unit: 'bytes/s', better: 'higher' };
export const REQUESTS: Metric = {
  key: 'requestsPerSecond',
  label: 'requests',
  unit: 'requests/s',
  better: 'higher',
};
export const P50: Metric = { key: 'p50Ms', label: 'p50', unit: 'ms', better: 'lower' };
export const P99: Metric = { key: 'p99Ms', label: 'p99', unit: 'ms', better: 'lower' };
export const CPU_PER_REQUEST: Metric = {
  key: 'cpuPerRequestUs',
  label: 'CPU/request',
  unit: 'us',
  better: 'lower',
};
export const SERVER_CORES: Metric = {
  key: 'serverCores',
  label: 'server cores',
  unit: 'cores',
  better: 'lower',
};
export const LOAD_CORES: Metric = { key: 'loadCores', label: 'load cores', unit: 'cores', better: 'lower' };

/** Of every workload under wrk. */
export const METRICS: readonly (Metric & { readonly key: keyof TurnValues | string })[] = [
  BYTES,
  REQUESTS,
  P50,
  P99,
  CPU_PER_REQUEST,
  SERVER_CORES,
  LOAD_CORES,
  ...DISTURBANCE,
];
