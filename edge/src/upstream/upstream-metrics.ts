import { Counter, Gauge, type Registry } from 'prom-client';
import type { UpstreamHealth } from './open-upstream.js';

/** Everything that the upstream's care counts, read when it is scraped. */
export function registerUpstreamMetrics(registry: Registry, health: () => UpstreamHealth): void {
  const registers = [registry];
  new Gauge({
    name: 'eddy_edge_upstream_breaker_open',
    help: '1 where an origin, shield or sibling is left alone because it failed too often, 0.5 while one request tries',
    ...{ registers, labelNames: ['role', 'url'] },
    collect() {
      this.reset();
      for (const { role, url, breaker } of health().members) {
        this.set({ role, url }, breaker === 'closed' ? 0 : breaker === 'open' ? 1 : 0.5);
      }
    },
  });
  const total = (name: string, help: string, read: (now: UpstreamHealth) => number): void => {
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(read(health()));
      },
    });
  };
  total('eddy_edge_upstream_retries_total', 'Requests to the origin made again', ({ retries }) => retries);
  total(
    'eddy_edge_upstream_retries_refused_total',
    'Requests not made again because too many were',
    ({ retriesRefused }) => retriesRefused,
  );
  total(
    'eddy_edge_upstream_resumed_total',
    'Bodies that went on after the origin broke them off',
    ({ resumed }) => resumed,
  );
}
