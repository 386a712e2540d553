import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from '../system/command-line.js';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const PLATFORM = `${process.platform}-${process.arch}`;
const BUILD_MS = 600_000;

export async function hasRelease(folder: string, version: string): Promise<boolean> {
  return await access(join(folder, `eddy-${version}-${PLATFORM}.tar.gz.sha256`)).then(
    () => true,
    () => false,
  );
}

/** Built as an operator builds it. */
export async function buildRelease(folder: string, version: string): Promise<void> {
  const script = join(REPOSITORY, 'deploy/dev/release.mjs');
  await mustRun(process.execPath, [script, '--version', version, '--out', folder], { timeoutMs: BUILD_MS });
}

/** The same under another version, with `change` done to what lies in it. */
export async function deriveRelease(
  folder: string,
  { from, version, change }: DerivedRelease,
): Promise<void> {
  const work = join(folder, `derive-${version}`);
  const name = `eddy-${version}`;
  const archive = `${name}-${PLATFORM}.tar.gz`;
  await mkdir(work);
  await mustRun('tar', ['-xzf', join(folder, `eddy-${from}-${PLATFORM}.tar.gz`), '-C', work]);
  await rename(join(work, `eddy-${from}`), join(work, name));
  for (const place of ['.', 'edge', 'origin']) {
    const file = join(work, name, place, 'release.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace(`"${from}"`, `"${version}"`));
  }
  await change?.(join(work, name));
  await mustRun('tar', ['-C', work, '-I', 'gzip -1', '-cf', join(folder, archive), name]);
  await rm(work, { recursive: true });
  const sum = await mustRun('sha256sum', [archive], { cwd: folder });
  await writeFile(join(folder, `${archive}.sha256`), sum);
}

export interface DerivedRelease {
  readonly from: string;
  readonly version: string;
  readonly change?: (folder: string) => Promise<void>;
}

/** Takes settings and starts, and then dies: nothing tells before it serves. */
export async function breakStart(release: string): Promise<void> {
  const file = join(release, 'edge/dist/edge.js');
  const code = await readFile(file, 'utf8');
  const broken = code.replace(
    /export async function startEdge\([^)]*\)\s*\{/,
    (head) => `${head}\n    throw new Error('a mistake in this version');`,
  );
  if (broken === code) throw new Error('edge/dist/edge.js has no startEdge to break');
  await writeFile(file, broken);
}

/** Starts, is ready, and answers every request for media with a failure. */
export async function breakMedia(release: string): Promise<void> {
  const file = join(release, 'edge/dist/listeners/public-handler.js');
  const code = await readFile(file, 'utf8');
  const broken = code.replace(
    /(export function createPublicHandler\([\s\S]*?\)\s*\{)/,
    '$1\n    if (process.argv) return (_, response) => void response.writeHead(500).end();',
  );
  if (broken === code) throw new Error('public-handler.js has no createPublicHandler to break');
  await writeFile(file, broken);
}
