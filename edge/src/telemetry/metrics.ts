import { totalmem } from 'node:os';
import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';
import type { TierStats } from '../cache/memory-tier.js';
import type { LimitsConfig } from '../config/edge-config.js';
import { REFUSALS, type RefusalReason } from '../refusals/refusals.js';
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
  readonly draining: () => boolean;
  readonly limits: Pick<LimitsConfig, 'connections' | 'fillBytes'>;
}

const REASONS = Object.keys(REFUSALS) as RefusalReason[];
const OUTCOMES = ['2xx', '3xx', '4xx', '5xx'];

/** Where a control group sets no limit, Node says 0 or an absurd number. */
function memoryLimitBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
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
  // Rates need a series before the first event.
  const refusals = (): Map<RefusalReason, number> =>
    new Map(REASONS.map((reason) => [reason, counters.refusals.get(reason) ?? 0]));
  total('eddy_edge_refusals_total', 'Requests refused, by reason', 'reason', refusals);
  plainTotal(
    'eddy_edge_failed_requests_total',
    'Requests that this edge or its origin failed: refused with a status from 500 up, or cut',
    () =>
      [...refusals()].reduce(
        (sum, [reason, count]) => sum + (REFUSALS[reason].status >= 500 ? count : 0),
        counters.cuts,
      ),
  );
  plainTotal(
    'eddy_edge_cut_responses_total',
    'Responses broken off because the origin broke off',
    () => counters.cuts,
  );

  total(
    'eddy_edge_upstream_requests_total',
    'Requests to the origin, by status class or error',
    'outcome',
    () => [...OUTCOMES.map((outcome) => [outcome, 0] as const), ...tally.outcomes],
  );
  total('eddy_edge_fills_total', 'Requests to the origin by how they ended', 'outcome', () => tally.ends);
  plainTotal('eddy_edge_upstream_bytes_total', 'Body bytes from the origin', () => tally.receivedBytes);
  gauge('eddy_edge_fills_in_flight', 'Fills under way', components.fills);
  gauge('eddy_edge_fill_bytes_in_flight', 'Memory held by bodies on their way', components.fillBytes);
  gauge('eddy_edge_fill_limit_bytes', 'Memory that they may hold', () => components.limits.fillBytes);
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
  gauge('eddy_edge_draining', '1 while players and balancers are told to go elsewhere', () =>
    Number(components.draining()),
  );
  gauge(
    'eddy_edge_connections_limit',
    'Connections that it takes at most',
    () => components.limits.connections,
  );
  gauge(
    'eddy_edge_memory_limit_bytes',
    'Memory that the process may take: its control group’s limit, else the memory of the machine',
    memoryLimitBytes,
  );
  plainTotal(
    'eddy_edge_dropped_connections_total',
    'Connections closed at once because there were too many',
    components.dropped,
  );
}
