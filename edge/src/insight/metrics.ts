import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const BEACON_RESULTS = [
  'stored',
  'duplicate',
  'bad',
  'too-large',
  'queue-full',
  'closing',
  'store-failed',
] as const;
/** What became of a beacon. */
export type BeaconResult = (typeof BEACON_RESULTS)[number];

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
  // Counted here and told when somebody asks: the library makes garbage of each addition. Rates need a series before
  // the first event.
  const results = new Map<BeaconResult, number>(BEACON_RESULTS.map((result) => [result, 0]));
  new Counter({
    name: 'eddy_insight_beacons_total',
    help: 'Beacon batches from players, by what became of them.',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset();
      for (const [result, count] of results) this.inc({ result }, count);
    },
  });
  new Gauge({
    name: 'eddy_insight_queue_batches',
    help: 'Beacon batches that wait to be committed.',
    registers,
    collect() {
      this.set(gauges.queued());
    },
  });
  new Counter({
    name: 'eddy_insight_unreported_bytes_total',
    help: 'Media bytes sent to sessions that never reported anything.',
    registers,
    collect() {
      this.reset();
      this.inc(gauges.unreportedBytes());
    },
  });
  const commits = new Histogram({
    name: 'eddy_insight_commit_seconds',
    help: 'Time that a group of batches took to commit.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  return {
    beacon: (result) => results.set(result, (results.get(result) ?? 0) + 1),
    committed: (seconds) => commits.observe(seconds),
  };
}
