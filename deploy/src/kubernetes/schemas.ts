import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Manifest } from './manifest.js';
import { watch } from './unread.js';

/** Releases of Kubernetes, and the package that has their schemas compiled. */
export const RELEASES = {
  '1.27': 'kubernetes-models-1.27',
  '1.33': 'kubernetes-models-1.33',
  '1.36': 'kubernetes-models',
} as const;
export type Release = keyof typeof RELEASES;

/** Groups whose objects are not Kubernetes' own, with package and beginning of the schema's name. */
const CUSTOM: Readonly<Record<string, readonly [string, string]>> = {
  'monitoring.coreos.com': [
    '@kubernetes-models/prometheus-operator',
    'ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoring',
  ],
  'keda.sh': ['@kubernetes-models/keda', 'ComGithubKedacoreKedaV2ApisKeda'],
};

interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: unknown;
}
type Validate = ((data: unknown) => boolean) & { readonly errors?: readonly SchemaError[] | null };

const require = createRequire(import.meta.url);
const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** The schema of `apps/v1` and `StatefulSet` is `IoK8sApiAppsV1StatefulSet`; `networking.k8s.io` counts as `networking`. */
function schemaFile({ apiVersion, kind }: Manifest, release: Release): string {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const [name, start] = CUSTOM[group] ?? [
    RELEASES[release],
    `IoK8sApi${capital(group === '' ? 'core' : (group.split('.')[0] ?? ''))}`,
  ];
  const folder = join(dirname(require.resolve(name)), '_schemas');
  const file = join(folder, `${start}${capital(version)}${kind}`);
  return [`${file}.mjs`, `${file}.js`].find(existsSync) ?? `${file}.js`;
}

/** The packages' schemas were rid of descriptions, and of the fields of that name too. */
const LOST_FIELD = /\/description$/;

/** What a release of Kubernetes would say of an object: unknown kinds, missing, wrong and unknown fields. */
export async function schemaProblems(manifest: Manifest, release: Release): Promise<string[]> {
  const where = `${manifest.kind} ${manifest.metadata.name} (${release})`;
  const file = schemaFile(manifest, release);
  const [version = '', group = ''] = manifest.apiVersion.split('/').reverse();
  // The packages keep schemas of versions that are gone by now.
  if (!/^v\d+$/.test(version) && CUSTOM[group] === undefined)
    return [`${where}: ${manifest.apiVersion} is not a stable version`];
  if (!existsSync(file)) return [`${where}: there is no ${manifest.kind} of ${manifest.apiVersion}`];
  const { validate }: { validate: Validate } = await import(pathToFileURL(file).href);
  const { value, unread } = watch(manifest);
  const wrong = validate(value)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, keyword, params }) => `${instancePath} ${keyword} ${JSON.stringify(params)}`,
      );
  const unknown = unread().filter((path) => !LOST_FIELD.test(path));
  return [...wrong, ...unknown.map((path) => `${path} is not a field`)].map(
    (problem) => `${where}: ${problem}`,
  );
}
