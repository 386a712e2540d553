import { stringify } from 'yaml';
import { edgeName, edgePart } from './edge-pod.js';
import { labelsOf, type Manifest, type Metadata } from './manifest.js';
import type { Pool, Values } from './values.js';

/** What decides how many edges there are: a metric for each pod, and the query that gives it for some pods. */
export const SCALING_METRICS = {
  eddy_edge_egress_bytes_per_second: (selector: string, by: string): string =>
    `sum by (${by}) (rate(eddy_edge_response_bytes_total{${selector}}[2m]))`,
  eddy_edge_connections: (selector: string, by: string): string =>
    `sum by (${by}) (eddy_edge_connections{${selector}})`,
} as const;

/** Up at once and by half at most each minute, down by one edge after a long time of needing fewer. */
function behavior({ scaling }: Pool): Record<string, unknown> {
  return {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Percent', value: 50, periodSeconds: 60 },
        { type: 'Pods', value: 2, periodSeconds: 60 },
      ],
    },
    scaleDown: {
      stabilizationWindowSeconds: scaling.downEverySeconds,
      selectPolicy: 'Min',
      policies: [{ type: 'Pods', value: 1, periodSeconds: Math.min(1800, scaling.downEverySeconds) }],
    },
  };
}

export function edgeScaling(values: Values, pool: Pool): Manifest[] {
  const metadata = {
    name: edgeName(pool),
    namespace: values.namespace,
    labels: labelsOf(edgePart(pool)),
  };
  if (pool.scaling.by === 'hpa') return [autoscaler(pool, metadata)];
  return pool.scaling.by === 'keda' ? [scaledObject(values, pool, metadata)] : [];
}

function autoscaler(pool: Pool, metadata: Metadata): Manifest {
  const { min, max, egressBytesPerSecond, connections } = pool.scaling;
  const pods = (name: keyof typeof SCALING_METRICS, averageValue: number): Record<string, unknown> => ({
    type: 'Pods',
    pods: { metric: { name }, target: { type: 'AverageValue', averageValue: String(averageValue) } },
  });
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: edgeName(pool) },
      minReplicas: min,
      maxReplicas: max,
      behavior: behavior(pool),
      metrics: [
        pods('eddy_edge_egress_bytes_per_second', egressBytesPerSecond),
        pods('eddy_edge_connections', connections),
        // Where something else costs (tokens, TLS), the processor says so.
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 75 } },
        },
      ],
    },
  };
}

function scaledObject(values: Values, pool: Pool, metadata: Metadata): Manifest {
  const { min, max, egressBytesPerSecond, connections } = pool.scaling;
  const ofPool = `namespace="${values.namespace}",pod=~"${edgeName(pool)}-[0-9]+"`;
  const prometheus = (name: keyof typeof SCALING_METRICS, threshold: number): Record<string, unknown> => ({
    type: 'prometheus',
    name,
    metricType: 'AverageValue',
    metadata: {
      serverAddress: values.monitoring.prometheusUrl,
      query: `sum(${SCALING_METRICS[name](ofPool, 'pod')})`,
      threshold: String(threshold),
    },
  });
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: edgeName(pool) },
      minReplicaCount: min,
      maxReplicaCount: max,
      pollingInterval: 15,
      // Without Prometheus nobody knows how much is needed: stay, and rather a few too many.
      fallback: {
        failureThreshold: 4,
        replicas: Math.ceil((min + max) / 2),
        behavior: 'currentReplicasIfHigher',
      },
      advanced: { horizontalPodAutoscalerConfig: { behavior: behavior(pool) } },
      triggers: [
        prometheus('eddy_edge_egress_bytes_per_second', egressBytesPerSecond),
        prometheus('eddy_edge_connections', connections),
      ],
    },
  };
}

/**
 * Rules for prometheus-adapter, which hands these metrics to autoscalers: give it this object as its configuration
 * (`--config`, or `rules.existing` of its chart). Nothing where no pool is scaled by `hpa`.
 */
export function adapterRules(values: Values): Manifest[] {
  if (!values.pools.some(({ scaling }) => scaling.by === 'hpa')) return [];
  const rules = Object.entries(SCALING_METRICS).map(([name, query]) => ({
    seriesQuery: `${/eddy_\w+/.exec(query('', ''))?.[0]}{namespace!="",pod!=""}`,
    resources: { overrides: { namespace: { resource: 'namespace' }, pod: { resource: 'pod' } } },
    name: { as: name },
    metricsQuery: query('<<.LabelMatchers>>', '<<.GroupBy>>'),
  }));
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'eddy-prometheus-adapter', namespace: values.monitoring.namespace },
      data: { 'config.yaml': stringify({ rules }, { lineWidth: 0 }) },
    },
  ];
}
