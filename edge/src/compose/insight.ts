import { join } from 'node:path';
import { Hono } from 'hono';
import type { EdgeConfig } from '../config/edge-config.js';
import { DEFAULT_INSIGHT_LIMITS, type InsightConfig } from '../insight/config.js';
import type { EdgeTotals } from '../insight/traffic/edge-reporter.js';
import { REFUSALS } from '../refusals/refusals.js';
import type { SwarmStats } from '../swarm/metrics.js';
import { type EdgeCounters, RESULTS, type UpstreamTally } from '../telemetry/edge-counters.js';

/** What insight is told of the edge's settings. */
export function insightConfig({ insight, dataDir, name }: EdgeConfig): InsightConfig {
  const { clickhouse, forward, collect, access, minuteDays, hourDays, dayDays } = insight;
  const { url, database, username, password = '' } = clickhouse;
  const { to, secret } = forward;
  return {
    databaseFile: join(dataDir, 'insight.duckdb'),
    clickhouse: url === undefined ? undefined : { url, database, username, password },
    forward: to === undefined || secret === undefined ? undefined : { to, secret },
    collectSecret: collect.secret,
    access: access && { ...access, keysFile: access.keysFile ?? join(dataDir, 'insight-keys') },
    edge: name,
    pop: insight.pop,
    pricesFile: insight.pricesFile,
    limits: { ...DEFAULT_INSIGHT_LIMITS, retention: { minuteDays, hourDays, dayDays } },
  };
}

/** What insight keeps of what delivery and the swarm count. */
export function edgeTotals(
  { requests, responseBytes, refusals, cuts }: EdgeCounters,
  { receivedFrom }: UpstreamTally,
  swarm: SwarmStats | undefined,
): EdgeTotals {
  const all = (counts: Readonly<Record<(typeof RESULTS)[number], number>>): number =>
    RESULTS.reduce((sum, result) => sum + counts[result], 0);
  const { hit, collapsed, revalidated, stale, pass, refused } = requests;
  let failed = 0;
  for (const [reason, count] of refusals) if (REFUSALS[reason].status >= 500) failed += count;
  return {
    ...{
      requests: all(requests),
      hits: hit,
      collapsed,
      revalidated,
      stale,
      passed: pass,
      refused,
      failed,
      cuts,
    },
    ...{ sentBytes: all(responseBytes), hitBytes: responseBytes.hit },
    originBytes: receivedFrom.origin,
    shieldBytes: receivedFrom.shield,
    siblingBytes: receivedFrom.sibling,
    accusations: swarm?.accusations ?? 0,
    disputedViewers: swarm?.disputed ?? 0,
  };
}

/** The listener stays, so that whoever looks learns why there is nothing to see. */
export function noInsight(): Hono {
  const app = new Hono();
  app.all('*', (context) => context.text('Insight is switched off on this edge (insight.enabled).\n', 404));
  return app;
}
