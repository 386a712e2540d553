import { Counter, Gauge, type Registry } from 'prom-client';
import { DISK_STATES, type DiskStats, WRITE_REFUSALS } from './disk-tier.js';

export interface DiskMetricsComponents {
  readonly registry: Registry;
  readonly stats: () => DiskStats;
}

/** What the disk tier counts, read when it is scraped. */
export function registerDiskMetrics({ registry, stats }: DiskMetricsComponents): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: (now: DiskStats) => number): void => {
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read(stats()));
      },
    });
  };
  const total = (name: string, help: string, read: (now: DiskStats) => number): void => {
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(read(stats()));
      },
    });
  };
  const totals = (
    name: string,
    help: string,
    label: string,
    read: (now: DiskStats) => Readonly<Record<string, number>>,
  ): void => {
    new Counter({
      ...{ name, help, registers, labelNames: [label] },
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(read(stats()))) this.inc({ [label]: value }, count);
      },
    });
  };

  gauge('eddy_edge_disk_objects', 'Objects in the disk cache', ({ objects }) => objects);
  gauge('eddy_edge_disk_bytes', 'Bytes that its files take', ({ bytes }) => bytes);
  gauge('eddy_edge_disk_limit_bytes', 'Bytes that they may take', ({ limitBytes }) => limitBytes);
  new Gauge({
    ...{ name: 'eddy_edge_disk_state', help: '1 for the state that the disk cache is in', registers },
    labelNames: ['state'],
    collect() {
      const now = stats().state;
      for (const state of DISK_STATES) this.set({ state }, state === now ? 1 : 0);
    },
  });
  totals('eddy_edge_disk_reads_total', 'Objects asked of the disk cache', 'result', ({ counts }) => ({
    hit: counts.hits,
    miss: counts.misses - counts.skippedReads,
    skipped: counts.skippedReads,
  }));
  totals('eddy_edge_disk_writes_total', 'Objects given to the disk cache', 'outcome', (now) => ({
    stored: now.counts.writes,
    ...Object.fromEntries(WRITE_REFUSALS.map((refusal) => [refusal, now.skippedWrites[refusal]])),
  }));
  totals('eddy_edge_disk_errors_total', 'Errors of the disk', 'operation', ({ counts }) => ({
    read: counts.readErrors,
    write: counts.writeErrors,
  }));
  total('eddy_edge_disk_evictions_total', 'Objects pushed out by others', ({ counts }) => counts.evictions);
  total('eddy_edge_disk_purged_total', 'Objects purged', ({ counts }) => counts.purged);
  total('eddy_edge_disk_corrupt_total', 'Torn or rotten objects removed', ({ counts }) => counts.corrupt);
  total('eddy_edge_disk_failures_total', 'Times the folder became unusable', ({ counts }) => counts.failures);
}
