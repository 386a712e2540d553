import { ConfigError, parseEdgeConfig } from '@eddy/edge';
import { edgeSettings, siblingUrl, siblingUrls } from './edge-config.js';
import { edgeName } from './edge-pod.js';
import { fields } from './pods.js';
import type { Pool, Values } from './values.js';

/** What an edge would complain of if it were started with the file of a pool; nothing where all is well. */
export function settingsProblems(values: Values): string[] {
  return values.pools.flatMap((pool) => {
    try {
      parseEdgeConfig(asInAPod(values, pool));
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.message.split('\n').map((problem) => `pool ${pool.name}: ${problem.trim()}`);
    }
  });
}

/** With what comes by environment. */
function asInAPod(values: Values, pool: Pool): Record<string, unknown> {
  const settings = edgeSettings(values, pool);
  if (values.nats !== undefined) {
    const cluster = fields(settings.cluster);
    const bus = { ...fields(cluster.bus), user: 'eddy', password: 'from-a-secret' };
    return { ...settings, cluster: { ...cluster, bus } };
  }
  if (!pool.siblings) return settings;
  const self = siblingUrl(values, pool, `${edgeName(pool)}-0`);
  return {
    ...settings,
    siblings: { self, urls: siblingUrls(values, pool.pop), addresses: values.podCidrs },
  };
}
