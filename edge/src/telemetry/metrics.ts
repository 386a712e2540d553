import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';
import type { TierStats } from '../cache/memory-tier.js';
import { type EdgeCounters, FIRST_BYTE_BUCKETS, RESULTS, type UpstreamTally } from './edge-counters.js';

export interface MetricsComponents {
  readonly registry: Registry;
  readonly counters: EdgeCounters;
  readonly tally: UpstreamTally;
  readonly cache: () => TierStats;
  readonly fills: () => number;
  readonly fillBytes: () => number;
  readonly dropped: () => number;
  readonly connections: () => number | Promise<number>;
}

/** Everything that delivery counts, read when it is scraped. */
export function registerMetrics(components: MetricsComponents): void {
  const { registry, counters, tally, cache } = components;
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  /** A counter whose values are kept elsewhere. */
  const total = (
    name: string,
    help: string,
    label: string,
    read: () => Iterable<readonly [string, number]>,
  ): void => {
    new Counter({
      ...{ name, help, registers, labelNames: [label] },
      collect() {
        this.reset();
        for (const [value, count] of read()) this.inc({ [label]: value }, count);
      },
    });
  };
  const plainTotal = (name: string, help: string, read: () => number): void => {
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
    new Gauge({
      ...{ name, help, registers },
      async collect() {
        this.set(await read());
      },
    });
  };

  total('eddy_edge_requests_total', 'Media requests by how they were answered', 'result', () =>
    RESULTS.map((result) => [result, counters.requests[result]] as const),
  );
  total('eddy_edge_response_bytes_total', 'Body bytes given to connections', 'result', () =>
    RESULTS.map((result) => [result, counters.responseBytes[result]] as const),
  );
  total('eddy_edge_refusals_total', 'Requests refused, by reason', 'reason', () => counters.refusals);
  plainTotal(
    'eddy_edge_cut_responses_total',
    'Responses broken off because the origin broke off',
    () => counters.cuts,
  );

  total(
    'eddy_edge_upstream_requests_total',
    'Requests to the origin, by status class or error',
    'outcome',
    () => tally.outcomes,
  );
  total('eddy_edge_fills_total', 'Requests to the origin by how they ended', 'outcome', () => tally.ends);
  plainTotal('eddy_edge_upstream_bytes_total', 'Body bytes from the origin', () => tally.receivedBytes);
  gauge('eddy_edge_fills_in_flight', 'Fills under way', components.fills);
  gauge('eddy_edge_fill_bytes_in_flight', 'Memory held by bodies on their way', components.fillBytes);
  const firstByte = new Histogram({
    name: 'eddy_edge_upstream_first_byte_seconds',
    help: 'From a request to the origin to its response head',
    registers,
    buckets: [...FIRST_BYTE_BUCKETS],
  });
  tally.onFirstByte = (seconds) => firstByte.observe(seconds);

  gauge('eddy_edge_cache_bytes', 'Memory held by cached objects', () => cache().bytes);
  gauge('eddy_edge_cache_limit_bytes', 'Memory that cached objects may hold', () => cache().limitBytes);
  gauge('eddy_edge_cache_objects', 'Cached objects', () => cache().objects);
  plainTotal(
    'eddy_edge_cache_evictions_total',
    'Objects pushed out of memory by others',
    () => cache().evictions,
  );
  gauge('eddy_edge_connections', 'Open connections of the public listener', components.connections);
  plainTotal(
    'eddy_edge_dropped_connections_total',
    'Connections closed at once because there were too many',
    components.dropped,
  );
}
