import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { DEPLOY } from '../paths.js';
import { manifestsOf } from './cli.js';
import type { Manifest } from './manifest.js';
import { podProblems } from './pod-policy.js';
import { referenceProblems } from './references.js';
import { RELEASES, type Release, schemaProblems } from './schemas.js';
import { toYaml } from './synth.js';

const EXAMPLES = join(DEPLOY, 'kubernetes', 'examples');
const releases = Object.keys(RELEASES) as Release[];

async function everyProblem(manifests: readonly Manifest[]): Promise<string[]> {
  const bySchema = await Promise.all(
    releases.flatMap((release) => manifests.map((manifest) => schemaProblems(manifest, release))),
  );
  return [...bySchema.flat(), ...podProblems(manifests), ...referenceProblems(manifests)];
}

describe.each(['small', 'grown'])('the manifests of examples/%s.yaml', (name) => {
  it('are what all releases take, and keep to our own rules', async () => {
    const manifests = await manifestsOf(join(EXAMPLES, `${name}.yaml`));
    expect(await everyProblem(manifests)).toEqual([]);
  });
});

it('examples/small.out.yaml is what small.yaml gives', async () => {
  const manifests = await manifestsOf(join(EXAMPLES, 'small.yaml'));
  expect(await readFile(join(EXAMPLES, 'small.out.yaml'), 'utf8')).toBe(toYaml(manifests));
  const documents = parseAllDocuments(toYaml(manifests)).map((document) => document.toJS());
  expect(documents).toEqual(JSON.parse(JSON.stringify(manifests)));
});

describe('a mistake in', () => {
  let manifests: Manifest[];
  beforeAll(async () => {
    manifests = await manifestsOf(join(EXAMPLES, 'grown.yaml'));
  });

  /** The list with one value of one object changed; the path is of keys and indices, with dots between. */
  function changed(kind: string, name: string, path: string, value: unknown): Manifest[] {
    const copy: Manifest[] = structuredClone(manifests);
    const found = copy.find((one) => one.kind === kind && one.metadata.name === name);
    if (found === undefined) throw new RangeError(`${kind} ${name} is not in the example`);
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let holder = found as unknown as Record<string, unknown>;
    for (const key of keys) holder = holder[key] as Record<string, unknown>;
    if (value === undefined) delete holder[last];
    else holder[last] = value;
    return copy;
  }

  const first = 'spec.template.spec.containers.0';
  it.each<[string, string, string, unknown, RegExp]>([
    ['Namespace', 'eddy', 'metadata.labels', { a: 1 }, /labels\/a type/],
    ['PriorityClass', 'eddy-edge', 'value', 'high', /value type .*integer/],
    ['ConfigMap', 'eddy-nats', 'data', { 'nats.conf': 3 }, /nats\.conf type/],
    ['ConfigMap', 'eddy-nats', 'metadata.name', 'nats', /there is no ConfigMap eddy-nats/],
    ['Service', 'eddy-nats', 'spec.ports.0.prot', 'TCP', /ports\/0\/prot is not a field/],
    ['Service', 'eddy-nats', 'spec.ports.0.targetPort', 'clinet', /no port clinet/],
    ['Service', 'eddy-nats', 'spec.selector', { a: 'b' }, /selects no pod/],
    ['StatefulSet', 'eddy-edge-fra-flex', 'spec.replica', 3, /\/spec\/replica is not a field/],
    ['StatefulSet', 'eddy-edge-fra-flex', 'spec.serviceName', 'x', /there is no service x/],
    ['StatefulSet', 'eddy-edge-fra-flex', 'spec.selector.matchLabels', { a: 'b' }, /does not select its own/],
    ['StatefulSet', 'eddy-edge-fra-flex', `${first}.readinessProbe`, undefined, /readinessProbe/],
    ['StatefulSet', 'eddy-edge-fra-flex', `${first}.livenessProbe.failureThreshold`, 1, /less than 30 s/],
    ['StatefulSet', 'eddy-edge-fra-flex', `${first}.volumeMounts.0.name`, 'conf', /no volume conf/],
    ['StatefulSet', 'eddy-nats', `${first}.image`, 'nats:latest', /not pinned/],
    ['StatefulSet', 'eddy-nats', `${first}.resources.limits`, undefined, /may take all memory/],
    ['StatefulSet', 'eddy-keeper', 'spec.template.spec.volumes.1.emptyDir', {}, /may fill its node/],
    ['StatefulSet', 'eddy-clickhouse', `${first}.securityContext.capabilities`, {}, /keeps capabilities/],
    ['DaemonSet', 'eddy-edge-fra-bulk', 'spec.updateStrategy.type', 'Rolling', /type enum/],
    [
      'DaemonSet',
      'eddy-edge-fra-bulk',
      'spec.template.spec.terminationGracePeriodSeconds',
      50,
      /drains for 45 s/,
    ],
    ['DaemonSet', 'eddy-edge-fra-bulk', 'spec.template.spec.priorityClassName', 'edge', /no priority edge/],
    ['DaemonSet', 'eddy-edge-fra-bulk', 'spec.template.spec.securityContext.runAsNonRoot', false, /as root/],
    [
      'DaemonSet',
      'eddy-edge-fra-bulk',
      'spec.template.spec.volumes.1',
      { name: 'tmp', hostPath: { path: '/' } },
      /a folder of its node/,
    ],
    ['Deployment', 'eddy-live-tv', 'spec.strategy.type', 'recreate', /type enum/],
    [
      'Deployment',
      'eddy-live-tv',
      `${first}.securityContext.readOnlyRootFilesystem`,
      undefined,
      /write to its image/,
    ],
    [
      'Deployment',
      'eddy-ingest',
      'spec.template.metadata.labels',
      { a: 'b' },
      /no NetworkPolicy is about it/,
    ],
    ['PodDisruptionBudget', 'eddy-nats', 'spec.maxUnavailble', 1, /maxUnavailble is not a field/],
    ['PodDisruptionBudget', 'eddy-nats', 'spec.selector.matchLabels', { a: 'b' }, /selects no pod/],
    ['NetworkPolicy', 'eddy-nats', 'spec.policyTypes.0', 'ingress', /policyTypes\/0 enum/],
    ['NetworkPolicy', 'eddy-nothing', 'spec.podSelector', { matchLabels: { a: 'b' } }, /no NetworkPolicy/],
    ['ScaledObject', 'eddy-edge-fra-flex', 'spec.minReplicas', 2, /minReplicas is not a field/],
    ['ScaledObject', 'eddy-edge-fra-flex', 'spec.scaleTargetRef.name', 'x', /there is no StatefulSet x/],
    ['PodMonitor', 'eddy-edge', 'spec.podMetricsEndpoints.0.intervall', '1s', /intervall is not a field/],
    ['PodMonitor', 'eddy-edge', 'spec.podMetricsEndpoints.0.port', 'metrics', /no port metrics/],
  ])('%s %s (%s) would be caught', async (kind, name, path, value, problem) => {
    const found = await everyProblem(changed(kind, name, path, value));
    expect(found.join('\n')).toMatch(problem);
  });

  it('Job and HorizontalPodAutoscaler would be caught', async () => {
    const job = manifests.find(({ kind }) => kind === 'Job')?.metadata.name ?? '';
    const named = changed('Job', job, 'spec.template.spec.restartPolicy', 'Allways');
    expect((await everyProblem(named)).join('\n')).toMatch(/restartPolicy enum/);
    manifests = await manifestsOf(join(EXAMPLES, 'small.yaml'));
    const scaled = changed(
      'HorizontalPodAutoscaler',
      'eddy-edge-fra',
      'spec.metrics.0.pods.target.type',
      undefined,
    );
    expect((await everyProblem(scaled)).join('\n')).toMatch(/target required/);
  });

  it('a kind that a release does not have would be caught', async () => {
    const old: Manifest = {
      apiVersion: 'policy/v1beta1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'x' },
    };
    expect(await schemaProblems(old, '1.36')).toEqual([
      'PodDisruptionBudget x (1.36): policy/v1beta1 is not a stable version',
    ]);
    const unknown = { ...old, apiVersion: 'policy/v1', kind: 'PodBudget' };
    expect((await schemaProblems(unknown, '1.27')).join()).toMatch(/there is no PodBudget of policy\/v1/);
  });

  it('two objects of one name, and none at all, would be caught', async () => {
    expect(referenceProblems([...manifests, ...manifests.slice(0, 1)]).join()).toMatch(
      /Namespace \/eddy is there twice/,
    );
    expect(podProblems([])).toEqual(['there are no pods']);
  });
});

it('a value of the file is found in the object that it is for', async () => {
  const manifests = await manifestsOf(join(EXAMPLES, 'grown.yaml'));
  const found = manifests.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'eddy-edge-fra-flex',
  );
  const data = found?.data as Record<string, string>;
  expect(parse(data['edge.yaml'] ?? '')).toMatchObject({
    cache: { memoryBytes: 5 * 2 ** 30 },
    cluster: { pop: 'fra', bus: { urls: ['nats://eddy-nats.eddy.svc.cluster.local:4222'], replicas: 3 } },
    insight: { clickhouse: { username: 'eddy' } },
    limits: { connections: 20_000, connectionsPerAddress: 500 },
  });
});
