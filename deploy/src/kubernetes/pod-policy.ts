import type { Manifest } from './manifest.js';
import { at, type Fields, fields, list, podsOf } from './pods.js';

/** What every pod of ours keeps to, beyond what a schema can say. Nothing where all is well. */
export function podProblems(manifests: readonly Manifest[]): string[] {
  const pods = podsOf(manifests);
  if (pods.length === 0) return ['there are no pods'];
  return pods.flatMap(({ where, spec, containers, runsForever }) =>
    [
      ...specProblems(spec),
      ...containers.flatMap((container) =>
        containerProblems(container, runsForever).map((problem) => `${String(container.name)}: ${problem}`),
      ),
      ...stopProblems(spec, containers),
    ].map((problem) => `${where}: ${problem}`),
  );
}

function specProblems(spec: Fields): string[] {
  const security = fields(spec.securityContext);
  return [
    security.runAsNonRoot === true ? [] : 'may run as root (runAsNonRoot)',
    Number(security.runAsUser) > 0 ? [] : 'has no user of its own by number (runAsUser)',
    at(security, 'seccompProfile').type === 'RuntimeDefault'
      ? []
      : 'may make any system call (seccompProfile)',
    spec.automountServiceAccountToken === false ? [] : 'has a token for the API of Kubernetes',
    spec.hostPID === true || spec.hostIPC === true ? 'sees processes of its node' : [],
    list(spec.volumes).some(({ hostPath }) => hostPath !== undefined) ? 'mounts a folder of its node' : [],
    list(spec.volumes).flatMap(({ name, emptyDir }) =>
      emptyDir !== undefined && fields(emptyDir).sizeLimit === undefined
        ? `may fill its node: ${String(name)} has no sizeLimit`
        : [],
    ),
  ].flat();
}

function containerProblems(container: Fields, runsForever: boolean): string[] {
  const security = fields(container.securityContext);
  const capabilities = fields(security.capabilities);
  const { requests, limits } = fields(container.resources);
  const image = String(container.image ?? '');
  return [
    /(@sha256:[0-9a-f]{64}|:v?\d[\w.-]*|:[0-9a-f]{12,40})$/.test(image)
      ? []
      : `the image ${image} is not pinned`,
    fields(limits).memory === undefined ? 'may take all memory (limits.memory)' : [],
    fields(requests).cpu === undefined || fields(requests).memory === undefined
      ? 'says not what it needs (requests)'
      : [],
    security.allowPrivilegeEscalation === false ? [] : 'may gain privileges (allowPrivilegeEscalation)',
    security.readOnlyRootFilesystem === true ? [] : 'may write to its image (readOnlyRootFilesystem)',
    security.privileged === true ? 'is privileged' : [],
    JSON.stringify(capabilities.drop) === '["ALL"]' && capabilities.add === undefined
      ? []
      : 'keeps capabilities (drop: [ALL])',
    ...(runsForever && list(container.ports).length > 0
      ? ['startupProbe', 'readinessProbe', 'livenessProbe'].map((probe) =>
          container[probe] === undefined ? `nobody asks how it is (${probe})` : [],
        )
      : []),
    hasteProblem(container),
  ].flat();
}

/** A liveness probe that kills sooner than a start may take makes a slow start an endless one. */
function hasteProblem({ startupProbe, livenessProbe }: Fields): string[] {
  const until = (probe: unknown): number =>
    Number(fields(probe).periodSeconds ?? 10) * Number(fields(probe).failureThreshold ?? 3);
  if (livenessProbe === undefined) return [];
  if (until(livenessProbe) < 30) return ['is killed after less than 30 s (livenessProbe)'];
  return startupProbe !== undefined && until(startupProbe) < 20
    ? ['has less than 20 s to start (startupProbe)']
    : [];
}

/** What is done before the signal, and after it, has to fit into the time before the kill. */
function stopProblems(spec: Fields, containers: readonly Fields[]): string[] {
  const grace = Number(spec.terminationGracePeriodSeconds ?? 30);
  return containers.flatMap(({ name, lifecycle }) => {
    const command = at(lifecycle, 'preStop', 'exec').command;
    const drain = Array.isArray(command) && /drain\.mjs$/.test(String(command[1])) ? Number(command[2]) : 0;
    return drain > 0 && grace < drain + 20
      ? [`${String(name)} drains for ${drain} s and is killed after ${grace} s`]
      : [];
  });
}
