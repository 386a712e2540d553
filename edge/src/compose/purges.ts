import { join } from 'node:path';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Timers } from '../components.js';
import type { EdgeConfig } from '../config/edge-config.js';
import { cursorFile } from '../purge/cluster/cursor-file.js';
import type { AppliedHow } from '../purge/cluster/log-follower.js';
import { fanOut } from '../purge/cluster/over-http.js';
import { PurgeLog } from '../purge/cluster/over-log.js';
import type { Purge } from '../purge/purge.js';
import { onlyHere, type PurgeSpread } from '../purge/spread.js';
import type { Log } from '../telemetry/log.js';
import type { ComposedCluster } from './cluster.js';

export interface PurgesComponents {
  readonly cluster: ComposedCluster;
  readonly purge: Purge;
  readonly log: Log;
  readonly timers: Timers;
  readonly registry: Registry;
}

/** How purges of this edge reach the others: over the bus, by HTTP, or not at all where there are none. */
export function composePurges(
  { cluster, purge, log, timers, registry }: PurgesComponents,
  config: EdgeConfig,
): PurgeSpread {
  const { role, edges, shields, secret } = config.cluster;
  if (edges.length + shields.length > 0 && secret !== undefined) {
    return fanOut({ purge, timers }, { role, edges, shields, secret });
  }
  if (!cluster.hasBus) return onlyHere(purge);
  const applied = new Counter({
    name: 'eddy_cluster_purges_applied_total',
    help: 'Purges of the log of all edges that were carried out here, by how.',
    labelNames: ['how'],
    registers: [registry],
  });
  const { bus, members, instance, metrics } = cluster;
  const spread = new PurgeLog(
    {
      ...{ bus, members, instance, timers, purge },
      cursor: cursorFile(join(config.dataDir, 'purges.json')),
      onApplied: (how) => {
        applied.inc({ how });
        const words = WORTH_SAYING[how];
        if (words !== undefined) log.warn({ how }, words);
      },
      onGarbled: () => metrics.garbled('purges'),
      onTrouble: (error) => log.warn({ err: error }, 'purges of other edges'),
    },
    { startsEmpty: config.cache.dir === undefined },
  );
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        this.set(read());
      },
    });
  };
  gauge(
    'eddy_cluster_purge_sequence',
    'Up to where the log of purges is carried out here',
    () => spread.sequence,
  );
  gauge('eddy_cluster_purges_behind', 'Purges that are known and not carried out here', () => spread.behind);
  return spread;
}

const WORTH_SAYING: Partial<Record<AppliedHow | 'again', string>> = {
  everything: 'the log of purges does not reach back to what this edge knows: it has purged everything',
  'without-shield': 'a shield did not say in time that it has purged: this edge did not wait any longer',
  garbled: 'an entry of the log of purges cannot be read: it is left out',
};
