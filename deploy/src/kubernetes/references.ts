import type { Manifest } from './manifest.js';
import { at, type Fields, fields, list, matches, type PodFacts, podsOf } from './pods.js';

/**
 * What names something that is not there: selectors without pods, ports without names, mounts without volumes,
 * settings, services, priorities and targets of scaling that no object of the list is. Secrets come from the operator.
 */
export function referenceProblems(manifests: readonly Manifest[]): string[] {
  const pods = podsOf(manifests);
  const named = (kind: string): Set<string> =>
    new Set(manifests.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name));
  const known: Known = {
    pods,
    services: named('Service'),
    configMaps: named('ConfigMap'),
    priorities: named('PriorityClass'),
    workloads: new Set(pods.map(({ where }) => where)),
  };
  return [
    ...duplicates(manifests),
    ...manifests.flatMap((manifest) => {
      const check = CHECKS[manifest.kind];
      const where = `${manifest.kind} ${manifest.metadata.name}`;
      return check === undefined ? [] : check(manifest, known).map((problem) => `${where}: ${problem}`);
    }),
    ...pods.flatMap((pod) => podReferences(pod, known).map((problem) => `${pod.where}: ${problem}`)),
    ...pods.flatMap((pod) =>
      isolated(pod, manifests) ? [] : [`${pod.where}: no NetworkPolicy is about it`],
    ),
  ];
}

interface Known {
  readonly pods: readonly PodFacts[];
  readonly services: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
  readonly priorities: ReadonlySet<string>;
  readonly workloads: ReadonlySet<string>;
}

function duplicates(manifests: readonly Manifest[]): string[] {
  const seen = new Set<string>();
  return manifests.flatMap(({ kind, metadata: { name, namespace } }) => {
    const key = `${kind} ${namespace ?? ''}/${name}`;
    if (seen.has(key)) return [`${key} is there twice`];
    seen.add(key);
    return [];
  });
}

const CHECKS: Readonly<Record<string, (manifest: Manifest, known: Known) => string[]>> = {
  Service: (manifest, { pods }) => {
    const selected = pods.filter(({ labels }) => matches(at(manifest, 'spec', 'selector'), labels));
    return [
      ...someone(selected),
      ...list(at(manifest, 'spec').ports).flatMap(({ targetPort }) => portProblem(selected, targetPort)),
    ];
  },
  PodDisruptionBudget: (manifest, { pods }) => someone(selectedBy(manifest, pods, 'selector')),
  PodMonitor: (manifest, { pods }) => {
    const selected = selectedBy(manifest, pods, 'selector');
    const endpoints = list(at(manifest, 'spec').podMetricsEndpoints);
    return [...someone(selected), ...endpoints.flatMap(({ port }) => portProblem(selected, port))];
  },
  NetworkPolicy: (manifest, { pods }) => {
    const selected = selectedBy(manifest, pods, 'podSelector');
    const ports = list(at(manifest, 'spec').ingress).flatMap((rule) => list(rule.ports));
    const wrong = ports.flatMap(({ port }) => (port === 'https' ? [] : portProblem(selected, port)));
    return [...someone(selected), ...wrong];
  },
  StatefulSet: (manifest, { services }) => {
    const service = String(at(manifest, 'spec').serviceName);
    return [
      ...selectorProblem(manifest),
      ...(services.has(service) ? [] : [`there is no service ${service}`]),
    ];
  },
  DaemonSet: (manifest) => selectorProblem(manifest),
  Deployment: (manifest) => selectorProblem(manifest),
  HorizontalPodAutoscaler: scaled,
  ScaledObject: scaled,
};

function scaled(manifest: Manifest, { workloads }: Known): string[] {
  const { kind, name } = at(manifest, 'spec', 'scaleTargetRef');
  return workloads.has(`${String(kind)} ${String(name)}`)
    ? []
    : [`there is no ${String(kind)} ${String(name)}`];
}

function selectedBy(manifest: Manifest, pods: readonly PodFacts[], field: string): PodFacts[] {
  const selector = at(manifest, 'spec', field, 'matchLabels');
  return pods.filter(({ labels }) => matches(selector, labels));
}

function someone(selected: readonly unknown[]): string[] {
  return selected.length === 0 ? ['selects no pod'] : [];
}

function selectorProblem(manifest: Manifest): string[] {
  const labels = at(manifest, 'spec', 'template', 'metadata', 'labels');
  const selector = at(manifest, 'spec', 'selector', 'matchLabels');
  return matches(selector, labels) ? [] : ['does not select its own pods'];
}

function portProblem(selected: readonly PodFacts[], port: unknown): string[] {
  const ports = selected.flatMap(({ containers }) =>
    containers.flatMap((container) => list(container.ports)),
  );
  const found = ports.some(({ name, containerPort }) => name === port || containerPort === port);
  return found || selected.length === 0 ? [] : [`its pods have no port ${String(port)}`];
}

function podReferences({ spec, containers, owner }: PodFacts, { configMaps, priorities }: Known): string[] {
  const volumes = new Set([...list(spec.volumes), ...claims(owner)].map(({ name }) => String(name)));
  const priority = spec.priorityClassName;
  return [
    ...list(spec.volumes).flatMap((volume) => {
      const { name } = fields(volume.configMap);
      return name === undefined || configMaps.has(String(name))
        ? []
        : [`there is no ConfigMap ${String(name)}`];
    }),
    ...containers.flatMap((container) =>
      list(container.volumeMounts).flatMap(({ name }) =>
        volumes.delete(String(name)) || mountedBefore(containers, name)
          ? []
          : [`there is no volume ${String(name)}`],
      ),
    ),
    ...[...volumes].map((name) => `nobody mounts the volume ${name}`),
    ...(priority === undefined || priorities.has(String(priority))
      ? []
      : [`there is no priority ${String(priority)}`]),
    ...probePorts(containers),
  ];
}

function claims(owner: Manifest): Fields[] {
  return list(at(owner, 'spec').volumeClaimTemplates).map(({ metadata }) => fields(metadata));
}

/** One volume may be mounted at several places. */
function mountedBefore(containers: readonly Fields[], name: unknown): boolean {
  const mounts = containers.flatMap((container) => list(container.volumeMounts));
  return mounts.filter((mount) => mount.name === name).length > 1;
}

function probePorts(containers: readonly Fields[]): string[] {
  return containers.flatMap((container) =>
    ['startupProbe', 'readinessProbe', 'livenessProbe'].flatMap((probe) => {
      const { httpGet, tcpSocket } = fields(container[probe]);
      const { port } = fields(httpGet ?? tcpSocket);
      const known = list(container.ports).some(({ name }) => name === port);
      return container[probe] === undefined || known ? [] : [`${probe} asks the port ${String(port)}`];
    }),
  );
}

/** A policy that is about all pods of the namespace is the wall; one more has to open what this pod needs. */
function isolated({ labels }: PodFacts, manifests: readonly Manifest[]): boolean {
  const about = manifests
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map((manifest) => at(manifest, 'spec', 'podSelector', 'matchLabels'))
    .filter((selector) => matches(selector, labels));
  return (
    about.some((selector) => Object.keys(selector).length === 0) &&
    about.some((selector) => Object.keys(selector).length > 0)
  );
}
