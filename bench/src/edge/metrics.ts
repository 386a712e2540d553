import type { Metric } from '../report/report.js';
import type { TurnValues } from './turn.js';

export const METRICS: readonly (Metric & { readonly key: keyof TurnValues })[] = [
  { key: 'bytesPerSecond', label: 'bytes', unit: 'bytes/s', better: 'higher' },
  { key: 'requestsPerSecond', label: 'requests', unit: 'requests/s', better: 'higher' },
  { key: 'p50Ms', label: 'p50', unit: 'ms', better: 'lower' },
  { key: 'p99Ms', label: 'p99', unit: 'ms', better: 'lower' },
  { key: 'cpuPerRequestUs', label: 'CPU/request', unit: 'us', better: 'lower' },
  { key: 'serverCores', label: 'server cores', unit: 'cores', better: 'lower' },
  { key: 'loadCores', label: 'load cores', unit: 'cores', better: 'lower' },
  { key: 'otherCores', label: 'other cores', unit: 'cores', better: 'lower', detail: true },
  { key: 'stolenCores', label: 'stolen', unit: 'cores', better: 'lower', detail: true },
];
