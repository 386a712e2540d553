import type { Manifest } from './manifest.js';

/** Anything of an object, before it is known what it is. */
export type Fields = Record<string, unknown>;

export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

/** `at(object, 'spec', 'template')`; empty where there is none. */
export function at(value: unknown, ...path: readonly string[]): Fields {
  return path.reduce<Fields>((found, key) => fields(found[key]), fields(value));
}

/** Pods that an object makes, with what the checks ask of them. */
export interface PodFacts {
  readonly where: string;
  /** Job: ends by itself. Others are asked how they are. */
  readonly runsForever: boolean;
  readonly labels: Fields;
  readonly spec: Fields;
  readonly containers: readonly Fields[];
  readonly owner: Manifest;
}

const MAKERS = new Set(['StatefulSet', 'DaemonSet', 'Deployment', 'Job']);

export function podsOf(manifests: readonly Manifest[]): PodFacts[] {
  return manifests
    .filter(({ kind }) => MAKERS.has(kind))
    .map((owner) => {
      const spec = at(owner, 'spec', 'template', 'spec');
      return {
        where: `${owner.kind} ${owner.metadata.name}`,
        runsForever: owner.kind !== 'Job',
        labels: at(owner, 'spec', 'template', 'metadata', 'labels'),
        spec,
        containers: [...list(spec.initContainers), ...list(spec.containers)],
        owner,
      };
    });
}

/** Whether labels are those that a selector wants. An empty selector wants nothing and takes all. */
export function matches(selector: Fields, labels: Fields): boolean {
  return Object.entries(fields(selector)).every(([key, value]) => labels[key] === value);
}
