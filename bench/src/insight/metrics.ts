import type { Metric } from '../report/report.js';

export const VIEW_METRICS: readonly Metric[] = [
  { key: 'medianMs', label: 'median', unit: 'ms', better: 'lower' },
  { key: 'worstMs', label: 'worst', unit: 'ms', better: 'lower' },
];

export const INTAKE_METRICS: readonly Metric[] = [
  { key: 'beaconCores', label: 'cores for beacons', unit: 'cores', better: 'lower' },
  { key: 'mediaCores', label: 'cores for media alone', unit: 'cores', better: 'lower' },
  { key: 'bothCores', label: 'cores for both', unit: 'cores', better: 'lower' },
  { key: 'beaconsPerSecond', label: 'beacons', unit: 'requests/s', better: 'higher' },
  { key: 'lost', label: 'lost', unit: 'count', better: 'lower' },
  { key: 'p99Ms', label: 'p99 of answers', unit: 'ms', better: 'lower' },
  { key: 'mediaPerSecond', label: 'media', unit: 'requests/s', better: 'higher' },
];

export const KILL_METRICS: readonly Metric[] = [
  { key: 'acknowledged', label: 'acknowledged', unit: 'count', better: 'higher' },
  { key: 'unanswered', label: 'unanswered, sent again', unit: 'count', better: 'lower' },
  { key: 'missing', label: 'acknowledged and lost', unit: 'count', better: 'lower' },
  { key: 'extra', label: 'counted twice', unit: 'count', better: 'lower' },
];
