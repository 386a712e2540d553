import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { registerPrefetchMetrics } from './metrics.js';
import { createPrefetcher } from './prefetcher.js';

it('tells what was fetched ahead, what became of it, and why no more', async () => {
  const prefetcher = createPrefetcher(
    {
      clock: { now: () => 0 },
      isHeld: (path) => path === '/v/2.ts',
      fill: (_path, _range, ended) => ended(500),
      fillsInFlight: () => 0,
      originIsWell: () => true,
    },
    { segments: 1, maxFills: 1, maxViewerFills: 1, bytesPerSecond: 10_000_000, minUsePercent: 50 },
  );
  const registry = new Registry();
  registerPrefetchMetrics(registry, () => prefetcher.stats);
  prefetcher.onStored('/v/index.m3u8', Buffer.from('#EXTM3U\n0.ts\n1.ts\n2.ts\n'));
  prefetcher.onRequest('/v/0.ts');
  prefetcher.onRequest('/v/1.ts');
  const text = await registry.metrics();
  for (const line of [
    'eddy_prefetch_fills_total 1',
    'eddy_prefetch_outcomes_total{outcome="used"} 1',
    'eddy_prefetch_outcomes_total{outcome="failed"} 0',
    'eddy_prefetch_bytes_total 500',
    'eddy_prefetch_skipped_total{reason="held"} 1',
    'eddy_prefetch_segments_known 3',
  ])
    expect(text).toContain(line);
});
