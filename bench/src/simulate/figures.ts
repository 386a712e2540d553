import type { Metric } from '../report/report.js';
import { quantileOf } from '../statistics/statistics.js';
import { REASONS } from './accounts/ledger.js';
import type { Outcome } from './run-scenario.js';
import type { Scenario } from './scenarios.js';

export const OFFLOAD: Metric = { key: 'offload', label: 'offload', unit: 'share', better: 'higher' };

export const METRICS: readonly Metric[] = [
  OFFLOAD,
  { key: 'edgePerPlayed', label: 'edge/played', unit: 'ratio', better: 'lower' },
  { key: 'wasted', label: 'wasted', unit: 'share', better: 'lower' },
  { key: 'stalled', label: 'stalled', unit: 'share', better: 'lower' },
  { key: 'latency', label: 'latency', unit: 's', better: 'lower' },
  { key: 'startUp', label: 'start-up', unit: 'ms', better: 'lower' },
  { key: 'startUp95', label: 'p95', unit: 'ms', better: 'lower' },
  { key: 'connections', label: 'channels', unit: 'number', better: 'higher' },
  { key: 'wall', label: 'wall time', unit: 's', better: 'lower' },
  { key: 'cpu', label: 'CPU time', unit: 's', better: 'lower' },
];

/** Shares of what was played that the edge sent, by reason; their sum is `edgePerPlayed`. */
export const REASON_METRICS: readonly Metric[] = [
  ...REASONS.map(
    (reason): Metric => ({ key: `edge ${reason}`, label: reason, unit: 'share', better: 'lower' }),
  ),
  { key: 'edge ranges', label: 'in ranges', unit: 'share', better: 'lower' },
];

/** An outcome in figures, by key of metric. */
export function figuresOf(
  { bitsPerSecond }: Pick<Scenario, 'bitsPerSecond'>,
  { viewers, edgeBytes, edgeRangeBytes, events }: Outcome,
): Record<string, number> {
  const sum = (of: (viewer: Outcome['viewers'][number]) => number): number =>
    viewers.reduce((total, viewer) => total + of(viewer), 0);
  const playedMs = sum((viewer) => viewer.playedMs);
  const stalledMs = sum((viewer) => viewer.stalledMs);
  const playedBytes = (playedMs * bitsPerSecond) / 8_000;
  const peerBytes = sum((viewer) => viewer.peerBytes);
  const received = sum((viewer) => viewer.receivedBytes);
  const fromEdge = Object.values(edgeBytes).reduce((total, bytes) => total + bytes, 0);
  const latencies = viewers.flatMap(({ latencySeconds }) => latencySeconds ?? []);
  const startUps = viewers.flatMap(({ startUpMs }) => startUpMs ?? []).sort((a, b) => a - b);
  const reasons = REASONS.map((reason) => [`edge ${reason}`, edgeBytes[reason] / playedBytes]);
  return {
    offload: peerBytes / (peerBytes + sum((viewer) => viewer.edgeBytes)),
    edgePerPlayed: fromEdge / playedBytes,
    wasted: 1 - sum((viewer) => viewer.deliveredBytes) / received,
    stalled: stalledMs / (playedMs + stalledMs),
    ...(latencies.length === 0
      ? {}
      : { latency: sum((viewer) => viewer.latencySeconds ?? 0) / latencies.length }),
    ...(startUps.length === 0
      ? {}
      : { startUp: quantileOf(startUps, 0.5), startUp95: quantileOf(startUps, 0.95) }),
    connections: sum((viewer) => viewer.connections) / viewers.length,
    ...Object.fromEntries(reasons),
    'edge ranges': edgeRangeBytes / playedBytes,
    events,
  };
}
