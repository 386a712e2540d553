import { createHash } from 'node:crypto';
import { CLICKHOUSE_STATEMENTS } from '@eddy/edge';
import { stringify } from 'yaml';
import { keeperConfigFile, keepers, keeperUrls } from './keeper.js';
import {
  CONTAINER_SECURITY,
  fromPod,
  fromSecret,
  labelsOf,
  type Manifest,
  type Metadata,
  type Part,
  podSecurity,
  selects,
} from './manifest.js';
import { replicatedSchema } from './replicated-tables.js';
import { clickHousePod, storeSet } from './store-set.js';
import type { ClickHouse, Values } from './values.js';

const PART: Part = { component: 'clickhouse', instance: 'clickhouse' };
const CLUSTER = { cluster: 'eddy', database: 'eddy' };

/** Figures of all edges in one place: one server, or replicas with three keepers. */
export function clickhouse(values: Values): Manifest[] {
  const options = values.clickhouse;
  if (options === undefined) return [];
  const { namespace } = values;
  const metadata: Metadata = { name: 'eddy-clickhouse', namespace, labels: labelsOf(PART) };
  const several = options.replicas > 1;
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: {
        'server.yaml': serverConfigFile(options, namespace),
        'users.yaml': usersConfigFile(options),
        ...(several
          ? {
              'keeper.yaml': keeperConfigFile(namespace),
              'schema.sql': replicatedSchema(CLICKHOUSE_STATEMENTS, CLUSTER),
            }
          : {}),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: selects(PART), ports: [{ name: 'http', port: 8123, targetPort: 'http' }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, name: 'eddy-clickhouse-each' },
      spec: {
        clusterIP: 'None',
        publishNotReadyAddresses: true,
        selector: selects(PART),
        ports: [
          { name: 'native', port: 9000, targetPort: 'native' },
          { name: 'replicas', port: 9009, targetPort: 'replicas' },
        ],
      },
    },
    servers(values, options),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { maxUnavailable: 1, selector: { matchLabels: selects(PART) } },
    },
    ...(several ? [...keepers(values, options), schemaJob(values, options)] : []),
  ];
}

function serverHost(namespace: string, pod: string): string {
  return `${pod}.eddy-clickhouse-each.${namespace}.svc.cluster.local`;
}

/** Laid over the server's own configuration. */
function serverConfigFile({ replicas }: ClickHouse, namespace: string): string {
  const fromEnvironment = (name: string): Record<string, string> => ({ '@from_env': name });
  const replica = Array.from({ length: replicas }, (_, ordinal) => ({
    host: serverHost(namespace, `eddy-clickhouse-${ordinal}`),
    port: 9000,
    user: 'eddy',
    password: fromEnvironment('CLICKHOUSE_PASSWORD'),
  }));
  return stringify({
    listen_host: '0.0.0.0',
    logger: { level: 'information', console: 1 },
    max_server_memory_usage_to_ram_ratio: 0.8,
    ...(replicas === 1
      ? {}
      : {
          interserver_http_host: fromEnvironment('POD_HOST'),
          macros: { shard: 1, replica: fromEnvironment('POD_NAME') },
          remote_servers: { eddy: { shard: { internal_replication: true, replica } } },
          zookeeper: { node: keeperUrls(namespace) },
          distributed_ddl: { path: '/clickhouse/task_queue/ddl' },
        }),
  });
}

/** What docs/insight-clickhouse.md asks of a cluster: acknowledged means on two machines, and seen by all edges. */
function usersConfigFile({ replicas }: ClickHouse): string {
  const quorum = { insert_quorum: 2, insert_quorum_parallel: 0, select_sequential_consistency: 1 };
  return stringify({
    profiles: { eddy: replicas === 1 ? { max_threads: 4 } : { max_threads: 4, ...quorum } },
    users: {
      default: { '@remove': 'remove' },
      eddy: {
        password: { '@from_env': 'CLICKHOUSE_PASSWORD' },
        networks: { ip: '0.0.0.0/0' },
        profile: 'eddy',
        quota: 'default',
      },
    },
  });
}

function servers(values: Values, options: ClickHouse): Manifest {
  const answers = { httpGet: { path: '/ping', port: 'http' } };
  return storeSet(values, options, {
    name: 'eddy-clickhouse',
    part: PART,
    replicas: options.replicas,
    size: options.size,
    container: {
      name: 'clickhouse',
      image: options.image,
      command: ['clickhouse', 'server', '--config-file=/etc/clickhouse-server/config.xml'],
      env: [
        fromPod('POD_NAME', 'metadata.name'),
        { name: 'POD_HOST', value: serverHost(values.namespace, '$(POD_NAME)') },
        fromSecret('CLICKHOUSE_PASSWORD', options.passwordSecret, 'password'),
      ],
      ports: [
        { name: 'http', containerPort: 8123 },
        { name: 'native', containerPort: 9000 },
        { name: 'replicas', containerPort: 9009 },
      ],
      startupProbe: { ...answers, periodSeconds: 5, failureThreshold: 60 },
      readinessProbe: { ...answers, periodSeconds: 5, timeoutSeconds: 3 },
      livenessProbe: { ...answers, periodSeconds: 15, timeoutSeconds: 10, failureThreshold: 6 },
      resources: {
        requests: { cpu: options.cpu, memory: options.memory },
        limits: { memory: options.memory },
      },
      volumeMounts: [
        { name: 'config', mountPath: '/etc/clickhouse-server/config.d/eddy.yaml', subPath: 'server.yaml' },
        { name: 'config', mountPath: '/etc/clickhouse-server/users.d/eddy.yaml', subPath: 'users.yaml' },
        { name: 'data', mountPath: '/var/lib/clickhouse' },
        { name: 'log', mountPath: '/var/log/clickhouse-server' },
        { name: 'tmp', mountPath: '/tmp' },
      ],
    },
    volumes: [
      { name: 'config', configMap: { name: 'eddy-clickhouse' } },
      { name: 'log', emptyDir: { sizeLimit: '2Gi' } },
      { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
    ],
  });
}

/** Makes the tables replicated before edges would make plain ones; harmless when it runs again. */
function schemaJob(values: Values, options: ClickHouse): Manifest {
  const schema = replicatedSchema(CLICKHOUSE_STATEMENTS, CLUSTER);
  const version = createHash('sha256').update(schema).digest('hex').slice(0, 8);
  const part: Part = { component: 'clickhouse', instance: 'schema' };
  const ask = [
    ...['clickhouse', 'client', '--host', serverHost(values.namespace, 'eddy-clickhouse-0')],
    ...['--user', 'eddy', '--password', '$(CLICKHOUSE_PASSWORD)', '--queries-file', '/schema/schema.sql'],
  ];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `eddy-clickhouse-schema-${version}`,
      namespace: values.namespace,
      labels: labelsOf(part),
    },
    spec: {
      // Servers and keepers may still be starting.
      backoffLimit: 20,
      activeDeadlineSeconds: 3600,
      template: {
        metadata: { labels: labelsOf(part) },
        spec: {
          ...clickHousePod(values),
          securityContext: podSecurity(101),
          restartPolicy: 'OnFailure',
          containers: [
            {
              name: 'schema',
              image: options.image,
              command: ask,
              env: [
                { name: 'HOME', value: '/tmp' },
                fromSecret('CLICKHOUSE_PASSWORD', options.passwordSecret, 'password'),
              ],
              resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '256Mi' } },
              securityContext: CONTAINER_SECURITY,
              volumeMounts: [
                { name: 'schema', mountPath: '/schema', readOnly: true },
                { name: 'tmp', mountPath: '/tmp' },
              ],
            },
          ],
          volumes: [
            { name: 'schema', configMap: { name: 'eddy-clickhouse' } },
            { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
          ],
        },
      },
    },
  };
}
