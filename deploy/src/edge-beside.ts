import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadConfig, startEdge } from '@eddy/edge';
import { type ExposedMetric, parseExposition } from './exposition.js';
import { DEPLOY } from './paths.js';
import type { KnownMetrics } from './queries.js';
import { readRules, targetLabels, yamlFiles } from './rules.js';

/** Nobody listens there: the edge finds its way without them. */
const NOBODY = 'http://127.0.0.1:9/';

/**
 * For tests: what an edge exposes that has a disk, a shield, a sibling, a bus that is away, steering and its first
 * requests behind it, and what the rules and the scrape of this folder add to that.
 */
export async function metricsOfAnEdge(): Promise<KnownMetrics> {
  const rules = readRules([...(await yamlFiles(join(DEPLOY, 'prometheus', 'rules'))).values()]);
  const [scrape = ''] = (await yamlFiles(join(DEPLOY, 'prometheus'))).values();
  return { exposed: await expose(), records: rules.records, targetLabels: targetLabels(scrape) };
}

async function expose(): Promise<ReadonlyMap<string, ExposedMetric>> {
  const folder = await mkdtemp(join(tmpdir(), 'eddy-beside-'));
  await writeFile(join(folder, 'segment.m4s'), Buffer.alloc(1000));
  const listeners = { listen: '127.0.0.1:0', admin: '127.0.0.1:0', insight: '127.0.0.1:0' };
  const flags = {
    ...{ ...listeners, origin: pathToFileURL(folder).href },
    ...{ dataDir: join(folder, 'data'), cacheDir: join(folder, 'cache') },
  };
  const env = {
    EDDY_LOG_LEVEL: 'silent',
    EDDY_SHIELD_URLS: NOBODY,
    EDDY_SIBLINGS_SELF: 'http://127.0.0.2:9/',
    EDDY_SIBLINGS_URLS: NOBODY,
    EDDY_CLUSTER_BUS_URLS: 'nats://127.0.0.1:9',
    EDDY_CLUSTER_PUBLIC_URL: 'http://127.0.0.2:8080',
    EDDY_STEERING_ENABLED: 'true',
    EDDY_INSIGHT_COLLECT_SECRET: 'of sixteen characters',
  };
  const edge = await startEdge(loadConfig({ env, flags }));
  try {
    for (const path of ['/segment.m4s', '/segment.m4s', '/absent.m4s', '/a%2fb']) {
      await (await fetch(edge.public.url + path)).arrayBuffer();
    }
    return parseExposition(await (await fetch(`${edge.admin.url}/metrics`)).text());
  } finally {
    await edge.close(0);
    await rm(folder, { recursive: true, force: true });
  }
}
