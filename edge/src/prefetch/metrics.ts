import { Counter, Gauge, type Registry } from 'prom-client';
import type { PrefetchStats } from './prefetcher.js';

/** What fetching ahead does, read when it is scraped. */
export function registerPrefetchMetrics(registry: Registry, stats: () => PrefetchStats): void {
  const registers = [registry];
  new Counter({
    name: 'eddy_prefetch_fills_total',
    help: 'Fills that were started ahead of viewers',
    registers,
    collect() {
      this.reset();
      this.inc(stats().started);
    },
  });
  new Counter({
    name: 'eddy_prefetch_outcomes_total',
    help: 'What became of them: used within a minute, unused, or failed',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const outcome of ['used', 'unused', 'failed'] as const) this.inc({ outcome }, stats()[outcome]);
    },
  });
  new Counter({
    name: 'eddy_prefetch_bytes_total',
    help: 'Body bytes that were fetched ahead of viewers',
    registers,
    collect() {
      this.reset();
      this.inc(stats().bytes);
    },
  });
  new Counter({
    name: 'eddy_prefetch_skipped_total',
    help: 'How often nothing, or less, was fetched ahead, by reason',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const [reason, count] of Object.entries(stats().reasons)) this.inc({ reason }, count);
    },
  });
  new Gauge({
    name: 'eddy_prefetch_segments_known',
    help: 'Segments known from playlists that are held',
    registers,
    collect() {
      this.set(stats().segmentsKnown);
    },
  });
}
