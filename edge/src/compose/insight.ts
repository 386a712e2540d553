import { join } from 'node:path';
import type { EdgeConfig } from '../config/edge-config.js';
import { DEFAULT_INSIGHT_LIMITS, type InsightConfig } from '../insight/config.js';

/** What insight is told of the edge's settings. */
export function insightConfig({ insight, dataDir }: EdgeConfig): InsightConfig {
  const { clickhouse, forward, collect, minuteDays, hourDays, dayDays } = insight;
  const { url, database, username, password = '' } = clickhouse;
  const { to, secret } = forward;
  return {
    databaseFile: join(dataDir, 'insight.duckdb'),
    clickhouse: url === undefined ? undefined : { url, database, username, password },
    forward: to === undefined || secret === undefined ? undefined : { to, secret },
    collectSecret: collect.secret,
    pop: insight.pop,
    pricesFile: insight.pricesFile,
    limits: { ...DEFAULT_INSIGHT_LIMITS, retention: { minuteDays, hourDays, dayDays } },
  };
}
