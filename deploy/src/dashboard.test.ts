import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadConfig, type RunningEdge, startEdge } from '@eddy/edge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { dashboardProblems, dashboardQueries } from './dashboard.js';
import { type ExposedMetric, parseExposition } from './exposition.js';
import { DEPLOY } from './paths.js';

const text = await readFile(join(DEPLOY, 'grafana', 'eddy-edge.json'), 'utf8');
const dashboard: unknown = JSON.parse(text);

describe('the dashboard, beside a running edge', () => {
  let folder: string;
  let edge: RunningEdge | undefined;
  let exposed: ReadonlyMap<string, ExposedMetric>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eddy-dashboard-'));
    await writeFile(join(folder, 'segment.m4s'), Buffer.alloc(1000));
    const listeners = { listen: '127.0.0.1:0', admin: '127.0.0.1:0', insight: '127.0.0.1:0' };
    const flags = { ...listeners, origin: pathToFileURL(folder).href, dataDir: join(folder, 'data') };
    edge = await startEdge(loadConfig({ env: { EDDY_LOG_LEVEL: 'silent' }, flags }));
    for (const path of ['/segment.m4s', '/segment.m4s', '/absent.m4s', '/a%2fb']) {
      await (await fetch(edge.public.url + path)).arrayBuffer();
    }
    exposed = parseExposition(await (await fetch(`${edge.admin.url}/metrics`)).text());
  });
  afterAll(async () => {
    await edge?.close(0);
    await rm(folder, { recursive: true, force: true });
  });

  const problems = (from: string, to: string): string[] => {
    expect(text).toContain(from);
    return dashboardProblems(JSON.parse(text.replaceAll(from, to)), exposed);
  };

  it('asks only for metrics, labels and values that an edge has', () => {
    expect(dashboardProblems(dashboard, exposed)).toEqual([]);
    expect(dashboardQueries(dashboard).length).toBeGreaterThan(25);
  });

  it('would be caught asking for a metric that does not exist', () => {
    expect(problems('eddy_swarm_rooms', 'eddy_swarm_room').join()).toMatch(
      /Viewers and rooms.*no metric eddy_swarm_room\b/,
    );
    expect(problems('first_byte_seconds_bucket', 'first_byte_seconds').join()).toContain('no metric');
    expect(problems('label_values(eddy_edge_connections', 'label_values(eddy_connections').join()).toMatch(
      /variable "instance": no metric eddy_connections/,
    );
  });

  it('would be caught with a wrong label, a wrong value or a broken query', () => {
    expect(problems('sum by (result)', 'sum by (outcome_)').join()).toContain(
      'no label outcome_ to group by',
    );
    expect(problems('result=\\"hit\\"', 'result=\\"hits\\"').join()).toContain('has no result="hits"');
    expect(problems('result=\\"hit\\"', 'results=\\"hit\\"').join()).toContain('has no label results');
    expect(problems('sum by (result) (', 'sum by (result) ((').join()).toContain('not PromQL');
  });
});

describe('provisioning', () => {
  it('gives the dashboard the datasource that its panels name', async () => {
    const file = join(DEPLOY, 'grafana', 'provisioning', 'datasources', 'prometheus.yaml');
    const provisioned: unknown = parse(await readFile(file, 'utf8'));
    const uids = new Set([...text.matchAll(/"uid": "([^"]+)"/g)].map(([, uid]) => uid));
    uids.delete('eddy-edge');
    expect([...uids]).toEqual(['eddy-prometheus']);
    expect(provisioned).toMatchObject({ datasources: [{ uid: 'eddy-prometheus', type: 'prometheus' }] });
  });

  it('says so when there is nothing to check', () => {
    expect(dashboardProblems({ panels: [] }, new Map())).toEqual(['the dashboard has no queries']);
  });
});
