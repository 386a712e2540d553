import {
  CONTAINER_SECURITY,
  fromPod,
  fromSecret,
  labelsOf,
  type Manifest,
  type Part,
  podSecurity,
  selects,
  spread,
} from './manifest.js';
import { quantityBytes } from './value-fields.js';
import type { Nats, Values } from './values.js';

const PART: Part = { component: 'nats', instance: 'nats' };
export const STATE_PRIORITY = 'eddy-state';

/** The bus between edges: rooms that reach over edges, and purges in a log that outlives each of them. */
export function nats(values: Values): Manifest[] {
  const { namespace } = values;
  if (values.nats === undefined) return [];
  const options = values.nats;
  const metadata = { name: 'eddy-nats', namespace, labels: labelsOf(PART) };
  const ports = [
    { name: 'client', port: 4222, targetPort: 'client' },
    { name: 'cluster', port: 6222, targetPort: 'cluster' },
    { name: 'monitor', port: 8222, targetPort: 'monitor' },
  ];
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { 'nats.conf': natsConfig(options, namespace) },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: selects(PART), ports: ports.slice(0, 1) },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, name: 'eddy-nats-each' },
      // Members have to find each other before they are ready.
      spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: selects(PART), ports },
    },
    statefulSet(values, options),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { maxUnavailable: 1, selector: { matchLabels: selects(PART) } },
    },
  ];
}

/** `$NAME` is filled in by the server from its environment. */
export function natsConfig({ replicas, size }: Nats, namespace: string): string {
  const routes = Array.from(
    { length: replicas },
    (_, ordinal) =>
      `    nats-route://eddy-nats-${ordinal}.eddy-nats-each.${namespace}.svc.cluster.local:6222`,
  );
  const cluster = ['cluster {', '  name: eddy', '  port: 6222', '  routes: [', ...routes, '  ]', '}'];
  return [
    'server_name: $POD_NAME',
    'port: 4222',
    'http_port: 8222',
    'pid_file: /run/nats/nats.pid',
    'lame_duck_duration: 30s',
    'lame_duck_grace_period: 5s',
    'max_payload: 1MB',
    'jetstream {',
    '  store_dir: /data',
    `  max_memory_store: ${64 * 2 ** 20}`,
    `  max_file_store: ${Math.floor(quantityBytes(size) * 0.9)}`,
    '}',
    'authorization {',
    '  users: [{ user: eddy, password: $NATS_PASSWORD }]',
    '}',
    ...(replicas > 1 ? cluster : []),
    '',
  ].join('\n');
}

function statefulSet({ namespace, pullSecrets }: Values, options: Nats): Manifest {
  const { image, replicas, passwordSecret, nodes, size, storageClass } = options;
  const well = (query: string): Record<string, unknown> => ({
    httpGet: { path: `/healthz${query}`, port: 'monitor' },
  });
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'eddy-nats', namespace, labels: labelsOf(PART) },
    spec: {
      serviceName: 'eddy-nats-each',
      replicas,
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate' },
      selector: { matchLabels: selects(PART) },
      template: {
        metadata: { labels: labelsOf(PART) },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          priorityClassName: STATE_PRIORITY,
          terminationGracePeriodSeconds: 60,
          securityContext: podSecurity(),
          ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
          ...(Object.keys(nodes).length === 0 ? {} : { nodeSelector: nodes }),
          topologySpreadConstraints: [
            spread(PART, 'kubernetes.io/hostname', 'DoNotSchedule'),
            spread(PART, 'topology.kubernetes.io/zone', 'ScheduleAnyway'),
          ],
          containers: [
            {
              name: 'nats',
              image,
              command: ['nats-server', '--config', '/etc/nats/nats.conf'],
              env: [
                fromPod('POD_NAME', 'metadata.name'),
                fromSecret('NATS_PASSWORD', passwordSecret, 'password'),
              ],
              ports: [
                { name: 'client', containerPort: 4222 },
                { name: 'cluster', containerPort: 6222 },
                { name: 'monitor', containerPort: 8222 },
              ],
              // A log that is read again after a crash may take a while; only then is a member counted on.
              startupProbe: { ...well('?js-enabled-only=true'), periodSeconds: 5, failureThreshold: 60 },
              readinessProbe: { ...well('?js-server-only=true'), periodSeconds: 10, timeoutSeconds: 5 },
              livenessProbe: { ...well('?js-enabled-only=true'), periodSeconds: 30, timeoutSeconds: 5 },
              // Clients are asked to go to another member before this one leaves.
              lifecycle: {
                preStop: { exec: { command: ['nats-server', '-sl=ldm=/run/nats/nats.pid'] } },
              },
              resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '512Mi' } },
              securityContext: CONTAINER_SECURITY,
              volumeMounts: [
                { name: 'config', mountPath: '/etc/nats', readOnly: true },
                { name: 'run', mountPath: '/run/nats' },
                { name: 'data', mountPath: '/data' },
              ],
            },
          ],
          volumes: [
            { name: 'config', configMap: { name: 'eddy-nats' } },
            { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
            resources: { requests: { storage: size } },
          },
        },
      ],
    },
  };
}
