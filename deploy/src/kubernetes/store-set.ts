import {
  CONTAINER_SECURITY,
  labelsOf,
  type Manifest,
  type Part,
  podSecurity,
  selects,
  spread,
} from './manifest.js';
import { STATE_PRIORITY } from './nats.js';
import type { ClickHouse, Values } from './values.js';

/** The user of ClickHouse's image, by number. */
const USER = 101;

export interface StoreSet {
  readonly name: string;
  readonly part: Part;
  readonly replicas: number;
  readonly size: string;
  readonly container: Record<string, unknown>;
  readonly volumes: readonly Record<string, unknown>[];
}

/** What all pods with ClickHouse's image have in common. */
export function clickHousePod({ pullSecrets }: Values): Record<string, unknown> {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    priorityClassName: STATE_PRIORITY,
    ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
  };
}

/** Servers that keep something, each on a node of its own and with a disk of its own. */
export function storeSet(values: Values, { nodes, storageClass }: ClickHouse, set: StoreSet): Manifest {
  const { name, part } = set;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: values.namespace, labels: labelsOf(part) },
    spec: {
      serviceName: `${name}-each`,
      replicas: set.replicas,
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate' },
      selector: { matchLabels: selects(part) },
      template: {
        metadata: { labels: labelsOf(part) },
        spec: {
          ...clickHousePod(values),
          securityContext: podSecurity(USER),
          terminationGracePeriodSeconds: 60,
          ...(Object.keys(nodes).length === 0 ? {} : { nodeSelector: nodes }),
          topologySpreadConstraints: [
            spread(part, 'kubernetes.io/hostname', 'DoNotSchedule'),
            spread(part, 'topology.kubernetes.io/zone', 'ScheduleAnyway'),
          ],
          containers: [{ ...set.container, securityContext: CONTAINER_SECURITY }],
          volumes: set.volumes,
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
            resources: { requests: { storage: set.size } },
          },
        },
      ],
    },
  };
}
