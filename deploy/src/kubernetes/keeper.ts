import { stringify } from 'yaml';
import { fromPod, labelsOf, type Manifest, type Metadata, type Part, selects } from './manifest.js';
import { storeSet } from './store-set.js';
import type { ClickHouse, Values } from './values.js';

const PART: Part = { component: 'keeper', instance: 'keeper' };
const KEEPERS = 3;
const CLIENT_PORT = 9181;
const RAFT_PORT = 9234;

function hosts(namespace: string): string[] {
  return Array.from(
    { length: KEEPERS },
    (_, ordinal) => `eddy-keeper-${ordinal}.eddy-keeper-each.${namespace}.svc.cluster.local`,
  );
}

/** Where servers find the keepers. */
export function keeperUrls(namespace: string): { host: string; port: number }[] {
  return hosts(namespace).map((host) => ({ host, port: CLIENT_PORT }));
}

/** The number of a keeper is its pod's, counted from 1, and comes by environment. */
export function keeperConfigFile(namespace: string): string {
  return stringify({
    listen_host: '0.0.0.0',
    logger: { level: 'information', console: 1 },
    keeper_server: {
      tcp_port: CLIENT_PORT,
      server_id: { '@from_env': 'KEEPER_ID' },
      log_storage_path: '/var/lib/clickhouse/coordination/log',
      snapshot_storage_path: '/var/lib/clickhouse/coordination/snapshots',
      coordination_settings: { operation_timeout_ms: 10_000, session_timeout_ms: 30_000 },
      raft_configuration: {
        server: hosts(namespace).map((hostname, index) => ({ id: index + 1, hostname, port: RAFT_PORT })),
      },
    },
  });
}

/** Three small servers that agree on which replica has what. */
export function keepers(values: Values, options: ClickHouse): Manifest[] {
  const { namespace } = values;
  const metadata: Metadata = { name: 'eddy-keeper', namespace, labels: labelsOf(PART) };
  const answers = { tcpSocket: { port: 'client' } };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, name: 'eddy-keeper-each' },
      spec: {
        clusterIP: 'None',
        publishNotReadyAddresses: true,
        selector: selects(PART),
        ports: [
          { name: 'client', port: CLIENT_PORT, targetPort: 'client' },
          { name: 'raft', port: RAFT_PORT, targetPort: 'raft' },
        ],
      },
    },
    storeSet(values, options, {
      name: 'eddy-keeper',
      part: PART,
      replicas: KEEPERS,
      size: '10Gi',
      container: {
        name: 'keeper',
        image: options.image,
        command: [
          'bash',
          '-c',
          'export KEEPER_ID=$(( $(echo "$POD_NAME" | grep -o "[0-9]*$") + 1 )) && ' +
            'exec clickhouse keeper --config-file=/etc/clickhouse-keeper/keeper.yaml',
        ],
        env: [fromPod('POD_NAME', 'metadata.name')],
        ports: [
          { name: 'client', containerPort: CLIENT_PORT },
          { name: 'raft', containerPort: RAFT_PORT },
        ],
        startupProbe: { ...answers, periodSeconds: 2, failureThreshold: 60 },
        readinessProbe: { ...answers, periodSeconds: 5 },
        livenessProbe: { ...answers, periodSeconds: 15, failureThreshold: 6 },
        resources: { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '512Mi' } },
        volumeMounts: [
          { name: 'config', mountPath: '/etc/clickhouse-keeper/keeper.yaml', subPath: 'keeper.yaml' },
          { name: 'data', mountPath: '/var/lib/clickhouse' },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
      volumes: [
        { name: 'config', configMap: { name: 'eddy-clickhouse' } },
        { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      ],
    }),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { maxUnavailable: 1, selector: { matchLabels: selects(PART) } },
    },
  ];
}
