import { readFileSync } from 'node:fs';
import { Gauge, type Registry } from 'prom-client';

/** Which build this is: on the command line, in `/healthz` and as a metric, so that a rollout can be watched. */
export interface BuildInfo {
  /** What `deploy/dev/release.mjs --version` was given (a commit); the package's version where nobody made a release. */
  readonly version: string;
  readonly node: string;
}

/** Compiled code and source lie equally deep below the package. */
const PACKAGE = new URL('../../', import.meta.url);

/** Reads `release.json`, which a release has beside `package.json`, else the latter. */
export function readBuildInfo(folder: URL = PACKAGE): BuildInfo {
  const version = versionIn(new URL('release.json', folder)) ?? versionIn(new URL('package.json', folder));
  return { version: version ?? 'unknown', node: process.version };
}

function versionIn(file: URL): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined; // Not a release.
  }
  const manifest: unknown = JSON.parse(text);
  const version: unknown =
    typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : undefined;
  return typeof version === 'string' ? version : undefined;
}

export function registerBuildInfo(registry: Registry, { version, node }: BuildInfo): void {
  new Gauge({
    name: 'eddy_build_info',
    help: 'Always 1; its labels say which build runs',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node }, 1);
}
