/** An object as Kubernetes takes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Which part of Eddy an object is of, and which of several. */
export interface Part {
  readonly component: 'edge' | 'origin' | 'nats' | 'clickhouse' | 'keeper';
  readonly instance: string;
}

/** What selects the pods of a part; never changed, since selectors cannot be. */
export function selects({ component, instance }: Part): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'eddy',
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/instance': instance,
  };
}

export function labelsOf(part: Part): Record<string, string> {
  return {
    ...selects(part),
    'app.kubernetes.io/part-of': 'eddy',
    'app.kubernetes.io/managed-by': 'eddy-synth',
  };
}

/** Every pod of Eddy is without root, without capabilities and with the runtime's filter of system calls. */
export function podSecurity(user: number = 1000): Record<string, unknown> {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

export const CONTAINER_SECURITY: Readonly<Record<string, unknown>> = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** A variable from a key of a secret. */
export function fromSecret(name: string, secret: string, key: string = name): Record<string, unknown> {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

/** A variable from what Kubernetes knows of the pod. */
export function fromPod(name: string, fieldPath: string): Record<string, unknown> {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

/** At most one more in one place than in another; `whenUnsatisfiable` says whether that is a must. */
export function spread(
  part: Part,
  topologyKey: string,
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway',
): Record<string, unknown> {
  return { maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector: { matchLabels: selects(part) } };
}

/** An object is left out of the list where it is undefined. */
export function present<Value>(...values: readonly (Value | undefined)[]): Value[] {
  return values.filter((value) => value !== undefined);
}
