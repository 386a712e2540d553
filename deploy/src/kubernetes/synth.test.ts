import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { CLICKHOUSE_STATEMENTS, checkConfigFile, loadConfig, startEdge } from '@eddy/edge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { dashboardProblems } from '../dashboard.js';
import { parseExposition } from '../exposition.js';
import { DEPLOY } from '../paths.js';
import { findProgram, verdict } from '../programs.js';
import { asFolder, manifestsOf, run as runCommand } from './cli.js';
import { SCALING_METRICS } from './edge-scaling.js';
import type { Manifest } from './manifest.js';
import { at, list, podsOf } from './pods.js';
import { replicated, replicatedSchema } from './replicated-tables.js';
import { readRules } from './rule-files.js';
import { schemaProblems } from './schemas.js';
import { synthesize } from './synth.js';
import { quantityBytes } from './value-fields.js';
import { parseValues } from './values-schema.js';

const EXAMPLES = join(DEPLOY, 'kubernetes', 'examples');
const required = process.env.CI === 'true';
const natsServer = await findProgram('nats-server');
const kubectl = await findProgram('kubectl');
const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eddy-kubernetes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const minimal = {
  image: 'registry.example/eddy:0.1.0',
  origin: { url: 's3://videos/published' },
  pools: [{ name: 'fra', pop: 'fra', expose: { by: 'loadBalancer' }, disk: { size: '10Gi' } }],
};

describe('values', () => {
  it('have defaults', () => {
    expect(parseValues(minimal)).toMatchObject({
      namespace: 'eddy',
      pools: [{ workload: 'StatefulSet', scaling: { by: 'hpa', min: 2, egressBytesPerSecond: 300e6 } }],
    });
    expect([quantityBytes('2Gi'), quantityBytes('3G'), quantityBytes('1500')]).toEqual([2 ** 31, 3e9, 1500]);
  });

  const pool = minimal.pools[0];
  it.each<[string, unknown, RegExp]>([
    ['nothing at all', undefined, /image: .*\n/],
    ['an image that moves', { ...minimal, image: 'eddy:latest' }, /image: is not an image with a version/],
    ['a misspelt value', { ...minimal, namespaces: 'x' }, /namespaces is not a value/],
    ['no pool', { ...minimal, pools: [] }, /pools: /],
    ['a pool twice', { ...minimal, pools: [pool, pool] }, /pools\.1\.name: fra is there twice/],
    ['a quantity without quotes', { ...minimal, pools: [{ ...pool, memory: 4 }] }, /pools\.0\.memory/],
    ['siblings unseen', { ...minimal, pools: [{ ...pool, siblings: true }] }, /podCidrs: is empty/],
    [
      'siblings without names',
      {
        ...minimal,
        pools: [{ ...pool, workload: 'DaemonSet', siblings: true, scaling: { by: 'none' } }],
      },
      /siblings: needs nats, or workload: StatefulSet/,
    ],
    ['fewer than there are', { ...minimal, pools: [{ ...pool, scaling: { min: 9 } }] }, /max: is below min/],
    [
      'a DaemonSet that scales',
      { ...minimal, pools: [{ ...pool, workload: 'DaemonSet' }] },
      /scaling\.by: has to be none/,
    ],
    [
      'what writes without a secret',
      { ...minimal, origin: { ...minimal.origin, live: [{ name: 'tv', files: ['a.mp4'] }] } },
      /mediaClaim: is not set.*\n.*writeSecret: is not set/,
    ],
  ])('are refused with %s', (_, values, problem) => {
    expect(() => parseValues(values)).toThrowError(problem);
  });

  it('are refused on the command line with what an edge would say of its settings', async () => {
    const file = join(folder, 'values.yaml');
    await writeFile(file, stringify({ ...minimal, settings: { cache: { memryBytes: 1 } } }));
    await expect(manifestsOf(file)).rejects.toThrowError(/pool fra: cache\.memryBytes is not a setting/);
    const errors: unknown[] = [];
    const before = console.error;
    console.error = (line: unknown) => errors.push(line);
    try {
      expect(await runCommand(['--values', file])).toBe(1);
    } finally {
      console.error = before;
    }
    expect(errors).toEqual([`${file}: pool fra: cache.memryBytes is not a setting`]);
  });
});

it('a given image takes the place of that in the values', async () => {
  const image = `registry.example/eddy@sha256:${'a'.repeat(64)}`;
  const pods = podsOf(await manifestsOf(join(EXAMPLES, 'small.yaml'), image));
  expect(pods.flatMap(({ containers }) => containers.map((container) => container.image))).toContain(image);
  await expect(manifestsOf(join(EXAMPLES, 'small.yaml'), 'eddy:latest')).rejects.toThrowError(/image: /);
});

describe.each(['small', 'grown'])('edges of examples/%s.yaml', (name) => {
  it('start with file and environment of their pods', async () => {
    const manifests = await manifestsOf(join(EXAMPLES, `${name}.yaml`));
    const pods = podsOf(manifests).filter(({ labels }) => labels['app.kubernetes.io/component'] === 'edge');
    expect(pods.length).toBeGreaterThan(0);
    for (const { where, owner, containers } of pods) {
      const map = manifests.find(
        ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === owner.metadata.name,
      );
      const file = join(folder, 'edge.yaml');
      await writeFile(file, String(at(map, 'data')['edge.yaml']));
      expect(() => checkConfigFile(file), where).not.toThrow();
      const config = loadConfig({ file, env: environment(containers[0]), flags: {} });
      expect(config).toMatchObject({ name: 'pod-0', listeners: { admin: { host: '10.1.2.3', port: 8081 } } });
    }
  });
});

/** What Kubernetes makes of a container's `env`, in a pod with this name and address. */
function environment(container: unknown): Record<string, string> {
  const known: Record<string, string> = {};
  const facts: Record<string, string> = { 'metadata.name': 'pod-0', 'status.podIP': '10.1.2.3' };
  for (const { name, value, valueFrom } of list(at({ container }, 'container').env)) {
    const path = String(at(valueFrom, 'fieldRef').fieldPath);
    const text = value === undefined ? (facts[path] ?? 'from-a-secret') : String(value);
    known[String(name)] = text.replace(/\$\((\w+)\)/g, (_, other: string) => known[other] ?? '');
  }
  return known;
}

it('scaling asks for what an edge exposes, and adapter and KEDA ask the same', async () => {
  await writeFile(join(folder, 'a.m4s'), 'x');
  const listeners = { listen: '127.0.0.1:0', admin: '127.0.0.1:0', insight: '127.0.0.1:0' };
  const flags = { ...listeners, origin: pathToFileURL(folder).href, dataDir: join(folder, 'data') };
  const edge = await startEdge(
    loadConfig({ env: { EDDY_LOG_LEVEL: 'silent', EDDY_INSIGHT_ENABLED: 'false' }, flags }),
  );
  try {
    await (await fetch(`${edge.public.url}/a.m4s`)).arrayBuffer();
    const exposed = parseExposition(await (await fetch(`${edge.admin.url}/metrics`)).text());
    const asked = (queries: readonly string[]): string[] =>
      dashboardProblems(
        { panels: queries.map((expr) => ({ title: 'scaling', targets: [{ expr }] })) },
        { exposed, records: new Map(), targetLabels: new Set() },
      );
    expect(asked(Object.values(SCALING_METRICS).map((query) => query('', 'instance')))).toEqual([]);
    expect(asked(['sum(eddy_edge_conections)'])).toHaveLength(1);
  } finally {
    await edge.close(0);
  }
  const adapter = (await manifestsOf(join(EXAMPLES, 'small.yaml'))).find(
    ({ metadata }) => metadata.name === 'eddy-prometheus-adapter',
  );
  expect(parse(String(at(adapter, 'data')['config.yaml']))).toMatchObject({
    rules: [
      {
        seriesQuery: 'eddy_edge_response_bytes_total{namespace!="",pod!=""}',
        metricsQuery: 'sum by (<<.GroupBy>>) (rate(eddy_edge_response_bytes_total{<<.LabelMatchers>>}[2m]))',
        name: { as: 'eddy_edge_egress_bytes_per_second' },
      },
      { name: { as: 'eddy_edge_connections' } },
    ],
  });
});

describe('tables of a cluster', () => {
  const where = { cluster: 'eddy', database: 'eddy' };
  it('are those of an edge, each replicated', () => {
    const schema = replicatedSchema(CLICKHOUSE_STATEMENTS, where);
    expect(schema.match(/^CREATE TABLE IF NOT EXISTS eddy\.\w+ ON CLUSTER eddy/gm)).toHaveLength(
      CLICKHOUSE_STATEMENTS.filter((statement) => statement.startsWith('CREATE')).length,
    );
    expect(schema).not.toMatch(/ENGINE = (?!Replicated)/);
    expect(schema).toContain(
      "ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/eddy_schema_version', '{replica}') ORDER BY version;",
    );
    expect(schema).toMatch(
      /ReplicatedSummingMergeTree\('\/clickhouse\/tables\/\{shard\}\/eddy_facts', '\{replica\}', \(\w[\w, ]+\)\)\s+PARTITION BY/,
    );
  });

  it('are changed on all replicas, and never forgotten', () => {
    expect(replicated('ALTER TABLE facts ADD COLUMN x Int64', where)).toBe(
      'ALTER TABLE eddy.facts ON CLUSTER eddy ADD COLUMN x Int64',
    );
    expect(() => replicated('CREATE VIEW x AS SELECT 1', where)).toThrow(RangeError);
  });
});

describe('rules of Prometheus', () => {
  const groups = [{ name: 'edge', rules: [{ alert: 'EdgeDown', expr: 'up == 0', for: '1m' }] }];
  it('become a PrometheusRule, and are left out where the values say so', async () => {
    const [found, ...more] = synthesize(parseValues(minimal), [{ name: 'edge', groups }]).filter(
      ({ kind }) => kind === 'PrometheusRule',
    );
    expect([found?.metadata, more]).toEqual([
      { name: 'eddy-edge', namespace: 'eddy', labels: { release: 'prometheus' } },
      [],
    ]);
    expect(await schemaProblems(found as Manifest, '1.36')).toEqual([]);
    const without = synthesize(parseValues({ ...minimal, monitoring: { rules: false } }), [
      { name: 'edge', groups },
    ]);
    expect(without.some(({ kind }) => kind === 'PrometheusRule')).toBe(false);
  });

  it('of this repository are what the operator takes', async () => {
    const files = await readRules(join(DEPLOY, 'prometheus', 'rules'));
    expect(files.length).toBeGreaterThan(0);
    const rules = synthesize(parseValues(minimal), files).filter(({ kind }) => kind === 'PrometheusRule');
    const problems = await Promise.all(rules.map((rule) => schemaProblems(rule, '1.36')));
    expect([rules.length, problems.flat()]).toEqual([files.length, []]);
  });

  it('would be caught with a mistake', async () => {
    const broken = [{ name: 'edge', rules: [{ alert: 'EdgeDown', exp: 'up == 0' }] }];
    const rules = synthesize(parseValues(minimal), [{ name: 'edge', groups: broken }]);
    const problems = await Promise.all(rules.map((rule) => schemaProblems(rule, '1.36')));
    expect(problems.flat().join('\n')).toMatch(/required .*expr[\s\S]*exp is not a field/);
  });
});

describe.skipIf(natsServer === undefined && !required)(
  'nats-server (skipped where it is not installed)',
  () => {
    it('takes the configuration, and not one with a mistake', async () => {
      const manifests = await manifestsOf(join(EXAMPLES, 'grown.yaml'));
      const map = manifests.find(
        ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'eddy-nats',
      );
      const text = String(at(map, 'data')['nats.conf']).replace('/data', join(folder, 'jetstream'));
      const check = async (config: string): Promise<{ ok: boolean; says: string }> => {
        const file = join(folder, 'nats.conf');
        await writeFile(file, config);
        return await verdict('env', [
          'POD_NAME=eddy-nats-0',
          'NATS_PASSWORD=x',
          natsServer ?? 'nats-server',
          '-t',
          '-c',
          file,
        ]);
      };
      expect(await check(text)).toMatchObject({ ok: true });
      expect((await check(text.replace('max_payload', 'max_paylod'))).says).toMatch(
        /unknown field "max_paylod"/,
      );
    });
  },
);

describe.skipIf(kubectl === undefined && !required)('kubectl (skipped where it is not installed)', () => {
  it('reads the folder as a base of kustomize, every object of it', async () => {
    const base = await mkdtemp(join(folder, 'base-'));
    expect(await runCommand(['--values', join(EXAMPLES, 'small.yaml'), '--out', base])).toBe(0);
    const { stdout } = await run(kubectl ?? 'kubectl', ['kustomize', base]);
    const manifests = await manifestsOf(join(EXAMPLES, 'small.yaml'));
    expect(parseAllDocuments(stdout)).toHaveLength(manifests.length);
    expect(asFolder(manifests).size).toBe(manifests.length + 1);
  });
});
