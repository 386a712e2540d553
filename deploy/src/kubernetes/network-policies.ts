import { edgePart } from './edge-pod.js';
import { type Manifest, type Part, present, selects } from './manifest.js';
import { INGEST_PORT } from './origin.js';
import type { Values } from './values.js';

type Rule = Record<string, unknown>;

const EVERYWHERE = { ipBlock: { cidr: '0.0.0.0/0' } };
/** Out of the cluster only: metadata services and other private places are none of an edge's business. */
const INTERNET = {
  ipBlock: {
    cidr: '0.0.0.0/0',
    except: ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
  },
};

const pods = (...parts: readonly Part[]): Rule[] =>
  parts.map((part) => ({ podSelector: { matchLabels: selects(part) } }));
const component = (name: Part['component']): Rule => ({
  podSelector: { matchLabels: { 'app.kubernetes.io/name': 'eddy', 'app.kubernetes.io/component': name } },
});
const namespace = (name: string): Rule => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});
const tcp = (...ports: readonly (number | string)[]): Rule[] =>
  ports.map((port) => ({ protocol: 'TCP', port }));

const DNS: Rule = {
  to: [{ namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

/** Nothing may speak to anything in the namespace but what is said here. Probes come from the node and always may. */
export function networkPolicies(values: Values): Manifest[] {
  const { nats, clickhouse, origin } = values;
  const several = clickhouse !== undefined && clickhouse.replicas > 1;
  return [
    policy(values, 'eddy-nothing', {}, [], []),
    ...values.pools.map((pool) => edgePolicy(values, edgePart(pool))),
    ...(origin.publish.length + origin.live.length > 0 || origin.ingest !== undefined
      ? [originPolicy(values)]
      : []),
    ...(nats === undefined ? [] : [natsPolicy(values)]),
    ...(clickhouse === undefined ? [] : [clickHousePolicy(values, several)]),
    ...(several ? [keeperPolicy(values)] : []),
  ];
}

function policy(
  values: Values,
  name: string,
  matchLabels: Record<string, string>,
  ingress: readonly Rule[],
  egress: readonly Rule[],
): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: values.namespace },
    spec: {
      podSelector: Object.keys(matchLabels).length === 0 ? {} : { matchLabels },
      policyTypes: ['Ingress', 'Egress'],
      ...(ingress.length === 0 ? {} : { ingress }),
      ...(egress.length === 0 ? {} : { egress }),
    },
  };
}

function edgePolicy(values: Values, part: Part): Manifest {
  const { monitoring, dashboardFrom, nats, clickhouse } = values;
  return policy(
    values,
    `eddy-edge-${part.instance}`,
    selects(part),
    present<Rule>(
      { from: [EVERYWHERE], ports: tcp('http', 'https') },
      { from: [namespace(monitoring.namespace)], ports: tcp('admin') },
      dashboardFrom === undefined
        ? undefined
        : { from: [namespace(dashboardFrom.namespace)], ports: tcp('insight') },
    ),
    present<Rule>(
      DNS,
      // Origin, shields, keys of tokens: web servers, on whatever port they are.
      { to: [INTERNET] },
      { to: [component('edge')], ports: tcp('http') },
      nats === undefined ? undefined : { to: [component('nats')], ports: tcp('client') },
      clickhouse === undefined ? undefined : { to: [component('clickhouse')], ports: tcp('http') },
    ),
  );
}

function originPolicy(values: Values): Manifest {
  const ingest = values.origin.ingest === undefined ? [] : [{ from: [EVERYWHERE], ports: tcp(INGEST_PORT) }];
  const matchLabels = { 'app.kubernetes.io/name': 'eddy', 'app.kubernetes.io/component': 'origin' };
  return policy(values, 'eddy-origin', matchLabels, ingest, [DNS, { to: [INTERNET], ports: tcp(443) }]);
}

function natsPolicy(values: Values): Manifest {
  const part: Part = { component: 'nats', instance: 'nats' };
  return policy(
    values,
    'eddy-nats',
    selects(part),
    [
      { from: [component('edge')], ports: tcp('client') },
      { from: pods(part), ports: tcp('cluster') },
      { from: [namespace(values.monitoring.namespace)], ports: tcp('monitor') },
    ],
    [DNS, { to: pods(part), ports: tcp('cluster') }],
  );
}

function clickHousePolicy(values: Values, several: boolean): Manifest {
  const each = component('clickhouse');
  return policy(
    values,
    'eddy-clickhouse',
    { 'app.kubernetes.io/name': 'eddy', 'app.kubernetes.io/component': 'clickhouse' },
    [
      { from: [component('edge')], ports: tcp('http') },
      { from: [each], ports: tcp('native', 'replicas') },
    ],
    present<Rule>(
      DNS,
      { to: [each], ports: tcp('native', 'replicas') },
      several ? { to: [component('keeper')], ports: tcp('client') } : undefined,
    ),
  );
}

function keeperPolicy(values: Values): Manifest {
  const part: Part = { component: 'keeper', instance: 'keeper' };
  return policy(
    values,
    'eddy-keeper',
    selects(part),
    [
      { from: [component('clickhouse')], ports: tcp('client') },
      { from: pods(part), ports: tcp('raft') },
    ],
    [DNS, { to: pods(part), ports: tcp('raft') }],
  );
}
