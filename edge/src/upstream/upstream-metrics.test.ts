import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import type { UpstreamHealth } from './open-upstream.js';
import { registerUpstreamMetrics } from './upstream-metrics.js';

it('metrics tell how the upstream is at the moment they are read', async () => {
  const registry = new Registry();
  let health: UpstreamHealth = {
    members: [{ role: 'origin', url: 'http://a/', breaker: 'open' }],
    ...{ retries: 3, retriesRefused: 2, resumed: 1 },
  };
  registerUpstreamMetrics(registry, () => health);
  const text = await registry.metrics();
  expect(text).toContain('eddy_edge_upstream_breaker_open{role="origin",url="http://a/"} 1');
  expect(text).toContain('eddy_edge_upstream_retries_total 3');
  expect(text).toContain('eddy_edge_upstream_retries_refused_total 2');
  expect(text).toContain('eddy_edge_upstream_resumed_total 1');
  health = { ...health, members: [{ role: 'origin', url: 'http://a/', breaker: 'half-open' }], retries: 4 };
  const later = await registry.metrics();
  expect(later).toContain('eddy_edge_upstream_breaker_open{role="origin",url="http://a/"} 0.5');
  expect(later).toContain('eddy_edge_upstream_retries_total 4');
});
