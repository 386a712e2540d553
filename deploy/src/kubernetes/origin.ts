import { createHash } from 'node:crypto';
import { bucketVariables } from './edge-pod.js';
import {
  CONTAINER_SECURITY,
  fromSecret,
  labelsOf,
  type Manifest,
  type Metadata,
  podSecurity,
  present,
  selects,
} from './manifest.js';
import type { OriginInput, Values } from './values.js';

export const BATCH_PRIORITY = 'eddy-batch';
export const INGEST_PORT = 8090;
const MEDIA = '/media';

/** What puts videos into the bucket: a Job for each to publish, a Deployment for each live stream, and the intake. */
export function origin(values: Values): Manifest[] {
  const { publish, live, ingest } = values.origin;
  return [
    ...publish.map((input) => publishJob(values, input)),
    ...live.map((input) => liveDeployment(values, input)),
    ...(ingest === undefined ? [] : ingestService(values, ingest.tokenSecret)),
  ];
}

function metadata(values: Values, name: string, instance: string): Metadata {
  return { name, namespace: values.namespace, labels: labelsOf({ component: 'origin', instance }) };
}

/** Where credentials, region and endpoint are looked for by the AWS rules. */
function bucketOf({ origin: { endpoint, region, writeSecret } }: Values): Record<string, unknown>[] {
  return [
    ...bucketVariables(writeSecret),
    ...(region === undefined ? [] : [{ name: 'AWS_REGION', value: region }]),
    ...(endpoint === undefined ? [] : [{ name: 'AWS_ENDPOINT_URL_S3', value: endpoint }]),
  ];
}

interface Work {
  readonly args: readonly string[];
  readonly cpu: string;
  readonly memory: string;
  readonly more?: Record<string, unknown>;
  readonly env?: readonly Record<string, unknown>[];
  readonly readsMedia: boolean;
}

function podSpec(values: Values, work: Work): Record<string, unknown> {
  const media = work.readsMedia ? values.origin.mediaClaim : undefined;
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurity(),
    ...(values.pullSecrets.length === 0
      ? {}
      : { imagePullSecrets: values.pullSecrets.map((name) => ({ name })) }),
    containers: [
      {
        name: 'origin',
        image: values.image,
        args: work.args,
        env: [...bucketOf(values), ...(work.env ?? [])],
        resources: {
          requests: { cpu: work.cpu, memory: work.memory },
          limits: { memory: work.memory },
        },
        securityContext: CONTAINER_SECURITY,
        volumeMounts: present(
          { name: 'tmp', mountPath: '/tmp' },
          media === undefined ? undefined : { name: 'media', mountPath: MEDIA, readOnly: true },
        ),
        ...work.more,
      },
    ],
    volumes: present<Record<string, unknown>>(
      { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      media === undefined
        ? undefined
        : { name: 'media', persistentVolumeClaim: { claimName: media, readOnly: true } },
    ),
  };
}

function inputArguments(values: Values, command: 'publish' | 'live', { name, files }: OriginInput): string[] {
  return [
    'eddy-origin',
    command,
    ...files.map((file) => `${MEDIA}/${file}`),
    ...['--to', values.origin.url, '--name', name],
  ];
}

/** A Job cannot be changed, so other files under the same name make another Job. */
function publishJob(values: Values, input: OriginInput): Manifest {
  const args = inputArguments(values, 'publish', input);
  const version = createHash('sha256')
    .update([values.image, ...args].join('\0'))
    .digest('hex')
    .slice(0, 8);
  const instance = `publish-${input.name}`;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadata(values, `eddy-${instance}-${version}`, instance),
    spec: {
      backoffLimit: 3,
      // What hangs is ended; what is done leaves after a week, with its log.
      activeDeadlineSeconds: 6 * 3600,
      ttlSecondsAfterFinished: 7 * 86_400,
      template: {
        metadata: { labels: labelsOf({ component: 'origin', instance }) },
        spec: {
          ...podSpec(values, { args, cpu: '1', memory: '2Gi', readsMedia: true }),
          restartPolicy: 'Never',
          priorityClassName: BATCH_PRIORITY,
        },
      },
    },
  };
}

/** One at a time under each name: two would write over each other's playlists. */
function liveDeployment(values: Values, input: OriginInput): Manifest {
  const instance = `live-${input.name}`;
  const args = inputArguments(values, 'live', input);
  return deployment(values, instance, { args, cpu: '250m', memory: '512Mi', readsMedia: true });
}

function deployment(values: Values, instance: string, work: Work): Manifest {
  const part = { component: 'origin', instance } as const;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(values, `eddy-${instance}`, instance),
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selects(part) },
      template: {
        metadata: { labels: labelsOf(part) },
        spec: {
          ...podSpec(values, work),
          terminationGracePeriodSeconds: 30,
        },
      },
    },
  };
}

function ingestService(values: Values, tokenSecret: string): Manifest[] {
  const instance = 'ingest';
  const answers = { tcpSocket: { port: 'ingest' } };
  const more = {
    ports: [{ name: 'ingest', containerPort: INGEST_PORT }],
    startupProbe: { ...answers, periodSeconds: 2, failureThreshold: 15 },
    readinessProbe: { ...answers, periodSeconds: 5 },
    livenessProbe: { ...answers, periodSeconds: 10, failureThreshold: 6 },
  };
  const args = ['eddy-origin', 'serve', '--listen', `0.0.0.0:${INGEST_PORT}`, '--to', values.origin.url];
  const env = [fromSecret('EDDY_INGEST_TOKEN', tokenSecret, 'token')];
  return [
    deployment(values, instance, { args, cpu: '500m', memory: '1Gi', more, env, readsMedia: false }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(values, 'eddy-ingest', instance),
      spec: {
        selector: selects({ component: 'origin', instance }),
        ports: [{ name: 'ingest', port: INGEST_PORT, targetPort: 'ingest' }],
      },
    },
  ];
}
