import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { dashboardProblems, dashboardQueries } from './dashboard.js';
import { metricsOfAnEdge } from './edge-beside.js';
import { DEPLOY } from './paths.js';
import { type KnownMetrics, problemsOf } from './queries.js';
import { readRules, yamlFiles } from './rules.js';

const GRAFANA = join(DEPLOY, 'grafana');
const dashboards = readdirSync(GRAFANA).filter((name) => name.endsWith('.json'));
const text = readFileSync(join(GRAFANA, 'eddy-edge.json'), 'utf8');
const textOf = (name: string): string => readFileSync(join(GRAFANA, name), 'utf8');

describe('beside a running edge', () => {
  let known: KnownMetrics;
  beforeAll(async () => {
    known = await metricsOfAnEdge();
  });

  const problems = (from: string, to: string): string[] => {
    expect(text).toContain(from);
    return dashboardProblems(JSON.parse(text.replaceAll(from, to)), known);
  };

  it.each(dashboards)('%s asks only for metrics, labels and values that there are', (name) => {
    const dashboard: unknown = JSON.parse(textOf(name));
    expect(dashboardProblems(dashboard, known)).toEqual([]);
    expect(dashboardQueries(dashboard).length).toBeGreaterThan(10);
  });

  it('a dashboard would be caught asking for a metric that does not exist', () => {
    expect(problems('eddy_swarm_rooms', 'eddy_swarm_room').join()).toMatch(
      /Viewers and rooms.*no metric eddy_swarm_room\b/,
    );
    expect(problems('first_byte_seconds_bucket', 'first_byte_seconds').join()).toContain('no metric');
    expect(problems('label_values(eddy_edge_connections', 'label_values(eddy_connections').join()).toMatch(
      /variable "instance": no metric eddy_connections/,
    );
  });

  it('a dashboard would be caught with a wrong label, a wrong value or a broken query', () => {
    expect(problems('sum by (result)', 'sum by (outcome_)').join()).toContain(
      'no label outcome_ to group by',
    );
    expect(problems('result=\\"hit\\"', 'result=\\"hits\\"').join()).toContain('has no result="hits"');
    expect(problems('result=\\"hit\\"', 'results=\\"hit\\"').join()).toContain('has no label results');
    expect(problems('sum by (result) (', 'sum by (result) ((').join()).toContain('not PromQL');
  });

  it('rules read only metrics, labels and values that there are', async () => {
    const { queries } = readRules([...(await yamlFiles(join(DEPLOY, 'prometheus', 'rules'))).values()]);
    expect(problemsOf(queries, known)).toEqual([]);
    expect(queries.length).toBeGreaterThan(50);
  });

  it.each([
    [
      'a metric',
      'origin.yaml',
      'upstream_breaker_open',
      'upstream_breaker',
      /alert EddyOriginLeftAlone: no metric/,
    ],
    [
      'a record',
      'swarm.yaml',
      'region:eddy_player_offload:',
      'region:eddy_offload:',
      /no metric region:eddy_offload/,
    ],
    [
      'a label',
      'disk.yaml',
      '{outcome="disk-queue-full"}',
      '{reason="disk-queue-full"}',
      /has no label reason/,
    ],
    ['a value', 'disk.yaml', 'state="full"', 'state="filled"', /has no state="filled"/],
    ['a value among several', 'edge.yaml', 'fill-limit|', 'fills-limit|', /has no reason="fills-limit"/],
    ['a bucket', 'recording.yaml', 'le="2"', 'le="2.2"', /has no le="2.2"/],
    [
      'a label of a record',
      'recording.yaml',
      'rate6h{arm="treated"}',
      'rate6h{side="a"}',
      /has no label side/,
    ],
    ['a label to group by', 'insight.yaml', 'by (region, pop, instance)', 'by (area)', /no label area/],
  ])('a rule would be caught with %s that is not there', async (_, name, from, to, problem) => {
    const files = await yamlFiles(join(DEPLOY, 'prometheus', 'rules'));
    const rules = files.get(name) ?? '';
    expect(rules).toContain(from);
    const { queries } = readRules([rules.replaceAll(from, to)]);
    expect(problemsOf(queries, known).join('\n')).toMatch(problem);
  });
});

describe('provisioning', () => {
  it.each(dashboards)('gives %s the datasource that its panels name, and a uid of its own', async (name) => {
    const file = join(GRAFANA, 'provisioning', 'datasources', 'prometheus.yaml');
    const provisioned: unknown = parse(await readFile(file, 'utf8'));
    const uids = new Set([...textOf(name).matchAll(/"uid": "([^"]+)"/g)].map(([, uid]) => uid));
    expect(uids.delete(name.replace('.json', ''))).toBe(true);
    expect([...uids]).toEqual(['eddy-prometheus']);
    expect(provisioned).toMatchObject({ datasources: [{ uid: 'eddy-prometheus', type: 'prometheus' }] });
  });

  it('says so when there is nothing to check', () => {
    const nothing = { exposed: new Map(), records: new Map(), targetLabels: new Set<string>() };
    expect(dashboardProblems({ panels: [] }, nothing)).toEqual(['the dashboard has no queries']);
  });
});
