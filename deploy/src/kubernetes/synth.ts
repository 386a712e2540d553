import { Document } from 'yaml';
import { clickhouse } from './clickhouse.js';
import { edgePool } from './edge.js';
import { EDGE_PRIORITY } from './edge-pod.js';
import { adapterRules, edgeScaling } from './edge-scaling.js';
import type { Manifest } from './manifest.js';
import { monitoring, type RuleFile } from './monitoring.js';
import { nats, STATE_PRIORITY } from './nats.js';
import { networkPolicies } from './network-policies.js';
import { BATCH_PRIORITY, origin } from './origin.js';
import type { Values } from './values.js';

/** Every object of a cluster of Eddy, in the order in which they may be applied. */
export function synthesize(values: Values, rules: readonly RuleFile[]): Manifest[] {
  return [
    namespaceOf(values),
    ...priorities(),
    ...networkPolicies(values),
    ...nats(values),
    ...clickhouse(values),
    ...values.pools.flatMap((pool) => [...edgePool(values, pool), ...edgeScaling(values, pool)]),
    ...origin(values),
    ...monitoring(values, rules),
    ...adapterRules(values),
  ];
}

/** The strictest of Kubernetes' own levels for pods that the pools allow. */
function namespaceOf({ namespace, pools }: Values): Manifest {
  const onNodes = pools.some(({ expose }) => expose.by !== 'loadBalancer');
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: {
        // Ports of nodes and their network are for `privileged` only; what else is wanted is warned of.
        'pod-security.kubernetes.io/enforce': onNodes ? 'privileged' : 'restricted',
        'pod-security.kubernetes.io/warn': 'restricted',
      },
    },
  };
}

/** Who is kept when room is short: what keeps state, then edges, then what can be done later. */
function priorities(): Manifest[] {
  return [
    { name: STATE_PRIORITY, value: 1_000_000, description: 'NATS and ClickHouse of Eddy' },
    { name: EDGE_PRIORITY, value: 900_000, description: 'Edges: viewers wait for them' },
    { name: BATCH_PRIORITY, value: -1000, description: 'Publishing, which can be done later' },
  ].map(({ name, value, description }) => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    description,
    globalDefault: false,
    ...(value < 0 ? { preemptionPolicy: 'Never' } : {}),
  }));
}

/** One YAML text, without anchors, that `kubectl apply -f` takes. */
export function toYaml(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => `---\n${yamlOf(manifest)}`).join('');
}

export function yamlOf(manifest: Manifest): string {
  return new Document(manifest, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 });
}
