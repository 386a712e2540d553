import { type Manifest, present } from './manifest.js';
import type { Values } from './values.js';

/** Groups of alerting and recording rules, as a file for Prometheus holds them. */
export interface RuleFile {
  readonly name: string;
  readonly groups: readonly unknown[];
}

/** What the Prometheus operator turns into scrapes and rules. */
export function monitoring(values: Values, rules: readonly RuleFile[]): Manifest[] {
  const { namespace } = values;
  const labels = values.monitoring.labels;
  return present(
    podMonitor(values, 'eddy-edge', { component: 'edge', port: 'admin', path: '/metrics' }),
    ...(values.monitoring.rules
      ? rules.map(
          ({ name, groups }): Manifest => ({
            apiVersion: 'monitoring.coreos.com/v1',
            kind: 'PrometheusRule',
            metadata: { name: `eddy-${name}`, namespace, labels },
            spec: { groups },
          }),
        )
      : []),
  );
}

/** Pods and not services: admin listeners have no service, on purpose. */
function podMonitor(
  { namespace, monitoring: { labels } }: Values,
  name: string,
  { component, port, path }: { component: string; port: string; path: string },
): Manifest {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name, namespace, labels },
    spec: {
      selector: {
        matchLabels: { 'app.kubernetes.io/name': 'eddy', 'app.kubernetes.io/component': component },
      },
      podMetricsEndpoints: [
        {
          port,
          path,
          interval: '10s',
          scrapeTimeout: '5s',
          // As deploy/prometheus names them, so that dashboard and alerts find them.
          relabelings: [
            { targetLabel: 'job', replacement: name },
            {
              sourceLabels: ['__meta_kubernetes_pod_label_app_kubernetes_io_instance'],
              targetLabel: 'pool',
            },
          ],
        },
      ],
    },
  };
}
