import { edgeConfigFile, headlessOf } from './edge-config.js';
import { edgeName, edgePart, edgePodTemplate } from './edge-pod.js';
import { labelsOf, type Manifest, present, selects } from './manifest.js';
import type { Pool, Values } from './values.js';

/** Everything of one pool of edges but how many there are (edge-scaling). */
export function edgePool(values: Values, pool: Pool): Manifest[] {
  return present(
    configMap(values, pool),
    eachByName(values, pool),
    pool.expose.by === 'loadBalancer' ? loadBalancer(values, pool) : undefined,
    workload(values, pool),
    disruptionBudget(values, pool),
  );
}

function configMap(values: Values, pool: Pool): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: named(values, pool, edgeName(pool)),
    data: { 'edge.yaml': edgeConfigFile(values, pool) },
  };
}

/** Gives each edge a name, for siblings and for looking at one; also those that are not ready yet. */
function eachByName(values: Values, pool: Pool): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: named(values, pool, headlessOf(pool)),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: selects(edgePart(pool)),
      ports: [{ name: 'http', port: 8080, targetPort: 'http' }],
    },
  };
}

/** The public listener only; admin and insight have no service. */
function loadBalancer(values: Values, pool: Pool): Manifest {
  const { annotations } = pool.expose.by === 'loadBalancer' ? pool.expose : {};
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...named(values, pool, edgeName(pool)),
      ...(annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: {
      type: 'LoadBalancer',
      // Straight to a node that has an edge: no second hop, and the viewer's address is kept.
      externalTrafficPolicy: 'Local',
      selector: selects(edgePart(pool)),
      ports: [
        { name: 'http', port: 80, targetPort: 'http' },
        ...(pool.tlsSecret === undefined ? [] : [{ name: 'https', port: 443, targetPort: 'https' }]),
      ],
    },
  };
}

function workload(values: Values, pool: Pool): Manifest {
  const selector = { matchLabels: selects(edgePart(pool)) };
  const template = edgePodTemplate(values, pool);
  const metadata = named(values, pool, edgeName(pool));
  if (pool.workload === 'DaemonSet') {
    return {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata,
      spec: {
        selector,
        minReadySeconds: 10,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        template,
      },
    };
  }
  const { size, storageClass } = pool.disk;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: {
      serviceName: headlessOf(pool),
      // Who scales says how many; a number here would be put back by each apply.
      ...(pool.scaling.by === 'none' ? { replicas: pool.scaling.min } : {}),
      podManagementPolicy: 'Parallel',
      minReadySeconds: 10,
      updateStrategy: { type: 'RollingUpdate' },
      // A cache is worth keeping over a restart, and nothing once its edge is gone for good.
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Delete' },
      selector,
      template,
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

/** Drains of nodes and upgrades take one edge of a pool at a time. */
function disruptionBudget(values: Values, pool: Pool): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: named(values, pool, edgeName(pool)),
    spec: {
      maxUnavailable: 1,
      // What is not ready serves nobody, so it may always be moved.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: selects(edgePart(pool)) },
    },
  };
}

function named(
  { namespace }: Values,
  pool: Pool,
  name: string,
): { name: string; namespace: string; labels: Record<string, string> } {
  return { name, namespace, labels: labelsOf(edgePart(pool)) };
}
