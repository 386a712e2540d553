import { createHash } from 'node:crypto';
import {
  DRAIN_SECONDS,
  edgeConfigFile,
  PATHS,
  portsOf,
  STOP_DEADLINE_SECONDS,
  siblingUrl,
  siblingUrls,
} from './edge-config.js';
import {
  CONTAINER_SECURITY,
  fromPod,
  fromSecret,
  labelsOf,
  type Part,
  podSecurity,
  present,
  selects,
  spread,
} from './manifest.js';
import type { Pool, Values } from './values.js';

export const EDGE_PRIORITY = 'eddy-edge';
const ADMIN_PORT = 8081;
const INSIGHT_PORT = 8082;

export function edgePart(pool: Pool): Part {
  return { component: 'edge', instance: pool.name };
}

export function edgeName(pool: Pool): string {
  return `eddy-edge-${pool.name}`;
}

/** Credentials of the bucket, as the AWS variables that edge and origin read. */
export function bucketVariables(secret: string | undefined): Record<string, unknown>[] {
  if (secret === undefined) return [];
  return ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map((name) => fromSecret(name, secret));
}

function variables(values: Values, pool: Pool): Record<string, unknown>[] {
  return [
    fromPod('POD_NAME', 'metadata.name'),
    fromPod('POD_IP', 'status.podIP'),
    { name: 'EDDY_NAME', value: '$(POD_NAME)' },
    // The pod's own address and not all of them: on the network of a node, the others may be public.
    { name: 'EDDY_ADMIN', value: `$(POD_IP):${ADMIN_PORT}` },
    { name: 'EDDY_INSIGHT', value: `$(POD_IP):${INSIGHT_PORT}` },
    ...siblingVariables(values, pool),
    ...busVariables(values),
    ...bucketVariables(values.origin.readSecret),
    ...(values.clickhouse === undefined
      ? []
      : [fromSecret('EDDY_INSIGHT_CLICKHOUSE_PASSWORD', values.clickhouse.passwordSecret, 'password')]),
  ];
}

/** Over the bus edges find each other by the addresses of their pods; without it, by the names that stay. */
function siblingVariables(values: Values, pool: Pool): Record<string, unknown>[] {
  if (!pool.siblings) return [];
  if (values.nats !== undefined)
    return [{ name: 'EDDY_CLUSTER_SIBLING_URL', value: `http://$(POD_IP):${portsOf(pool).http}` }];
  return [
    { name: 'EDDY_SIBLINGS_SELF', value: siblingUrl(values, pool, '$(POD_NAME)') },
    { name: 'EDDY_SIBLINGS_URLS', value: siblingUrls(values, pool.pop).join(',') },
    { name: 'EDDY_SIBLINGS_ADDRESSES', value: values.podCidrs.join(',') },
  ];
}

function busVariables({ nats }: Values): Record<string, unknown>[] {
  if (nats === undefined) return [];
  return [
    { name: 'EDDY_CLUSTER_BUS_USER', value: 'eddy' },
    fromSecret('EDDY_CLUSTER_BUS_PASSWORD', nats.passwordSecret, 'password'),
  ];
}

function ports(pool: Pool): Record<string, unknown>[] {
  const { http, https } = portsOf(pool);
  const { expose } = pool;
  const onNode = (containerPort: number, nodePort: number): Record<string, unknown> => {
    if (expose.by === 'hostNetwork') return { containerPort, hostPort: containerPort };
    return expose.by === 'hostPort' ? { containerPort, hostPort: nodePort } : { containerPort };
  };
  const closed = (name: string, port: number): Record<string, unknown> => ({
    name,
    containerPort: port,
    ...(expose.by === 'hostNetwork' ? { hostPort: port } : {}),
  });
  return [
    { name: 'http', ...onNode(http, expose.by === 'hostPort' ? expose.http : http) },
    ...(pool.tlsSecret === undefined
      ? []
      : [{ name: 'https', ...onNode(https, expose.by === 'hostPort' ? expose.https : https) }]),
    closed('admin', ADMIN_PORT),
    closed('insight', INSIGHT_PORT),
  ];
}

function container(values: Values, pool: Pool): Record<string, unknown> {
  const asks = (path: string): Record<string, unknown> => ({ httpGet: { path, port: 'admin' } });
  return {
    name: 'edge',
    image: values.image,
    args: ['eddy-edge', '--config', `${PATHS.config}/edge.yaml`],
    env: variables(values, pool),
    ports: ports(pool),
    // Two minutes for a large cache folder on a busy disk; then the others take over.
    startupProbe: { ...asks('/healthz'), periodSeconds: 2, failureThreshold: 60 },
    readinessProbe: { ...asks('/readyz'), periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2 },
    livenessProbe: { ...asks('/healthz'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    lifecycle: {
      preStop: { exec: { command: ['node', '/usr/local/lib/eddy/drain.mjs', String(DRAIN_SECONDS)] } },
    },
    resources: {
      requests: { cpu: pool.cpu, memory: pool.memory },
      // No limit on CPU: what is throttled in the middle of a segment makes a picture stand still.
      limits: { memory: pool.memory },
    },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [
      { name: 'config', mountPath: PATHS.config, readOnly: true },
      { name: 'data', mountPath: PATHS.data },
      { name: 'tmp', mountPath: '/tmp' },
      ...(pool.tlsSecret === undefined ? [] : [{ name: 'tls', mountPath: PATHS.tls, readOnly: true }]),
    ],
  };
}

/** The pod of a pool's edges. Its disk `data` is a claim of a StatefulSet, or the node's own disk. */
export function edgePodTemplate(values: Values, pool: Pool): Record<string, unknown> {
  const part = edgePart(pool);
  const digest = createHash('sha256').update(edgeConfigFile(values, pool)).digest('hex').slice(0, 16);
  const onNode = pool.expose.by === 'hostNetwork';
  return {
    metadata: {
      labels: labelsOf(part),
      // A change of the configuration is a change of the pod, so that it rolls out.
      annotations: { 'eddy/config': digest },
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      priorityClassName: EDGE_PRIORITY,
      terminationGracePeriodSeconds: DRAIN_SECONDS + STOP_DEADLINE_SECONDS + 15,
      securityContext: podSecurity(),
      ...(values.pullSecrets.length === 0
        ? {}
        : { imagePullSecrets: values.pullSecrets.map((name) => ({ name })) }),
      ...(onNode ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
      ...(Object.keys(pool.nodes).length === 0 ? {} : { nodeSelector: pool.nodes }),
      ...(pool.tolerations.length === 0 ? {} : { tolerations: pool.tolerations }),
      ...(pool.workload === 'DaemonSet'
        ? {}
        : {
            topologySpreadConstraints: [
              spread(part, 'kubernetes.io/hostname', 'DoNotSchedule'),
              spread(part, 'topology.kubernetes.io/zone', 'ScheduleAnyway'),
            ],
            // An edge is worth a node's network: two on one node would share it.
            affinity: {
              podAntiAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: [
                  { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: selects(part) } },
                ],
              },
            },
          }),
      containers: [container(values, pool)],
      volumes: present<Record<string, unknown>>(
        { name: 'config', configMap: { name: edgeName(pool) } },
        { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
        pool.workload === 'DaemonSet' ? { name: 'data', emptyDir: { sizeLimit: pool.disk.size } } : undefined,
        pool.tlsSecret === undefined
          ? undefined
          : { name: 'tls', secret: { secretName: pool.tlsSecret, defaultMode: 0o440 } },
      ),
    },
  };
}
