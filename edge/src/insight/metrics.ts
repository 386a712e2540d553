import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What became of a beacon. */
export type BeaconResult =
  | 'stored'
  | 'duplicate'
  | 'bad'
  | 'too-large'
  | 'queue-full'
  | 'closing'
  | 'store-failed';

export interface InsightMetrics {
  beacon(result: BeaconResult): void;
  committed(seconds: number): void;
}

export interface InsightGauges {
  queued(): number;
  unreportedBytes(): number;
}

export function createInsightMetrics(registry: Registry, gauges: InsightGauges): InsightMetrics {
  const registers = [registry];
  const beacons = new Counter({
    name: 'eddy_insight_beacons_total',
    help: 'Beacon batches from players, by what became of them.',
    labelNames: ['result'],
    registers,
  });
  new Gauge({
    name: 'eddy_insight_queue_batches',
    help: 'Beacon batches that wait to be committed.',
    registers,
    collect() {
      this.set(gauges.queued());
    },
  });
  new Gauge({
    name: 'eddy_insight_unreported_bytes',
    help: 'Media bytes sent to sessions that never reported anything, since the start.',
    registers,
    collect() {
      this.set(gauges.unreportedBytes());
    },
  });
  // Looking a label up is a part of what a beacon costs.
  const counters = new Map<BeaconResult, Counter.Internal>();
  const commits = new Histogram({
    name: 'eddy_insight_commit_seconds',
    help: 'Time that a group of batches took to commit.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  return {
    beacon: (result) => {
      const counter = counters.get(result) ?? beacons.labels(result);
      counters.set(result, counter);
      counter.inc();
    },
    committed: (seconds) => commits.observe(seconds),
  };
}
