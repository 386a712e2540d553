import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { runToEnd } from '../../system/command-line.js';
import { P2P_MEDIA_LOADER_VERSION } from '../contenders.js';

/** Where the bench keeps what it fetched or made, over runs. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'eddy-bench');
}

const PACKAGES = ['p2p-media-loader-core', 'p2p-media-loader-hlsjs'] as const;

/** The browser builds of what is compared with, by file name in the page. */
export type PeerFiles = Readonly<Record<string, string>>;

/**
 * Installs the peers into a folder of their own, without running their scripts, unless they are there. Throws
 * {@link BenchError} `start-failed` with what npm said.
 */
export async function installPeers(folder: string): Promise<PeerFiles> {
  const home = join(folder, `p2p-media-loader-${P2P_MEDIA_LOADER_VERSION}`);
  const buildOf = (name: string): string => join(home, 'node_modules', name, 'dist', `${name}.es.min.js`);
  const files = Object.fromEntries(PACKAGES.map((name) => [`${name}.js`, buildOf(name)]));
  const complete = await Promise.all(PACKAGES.map((name) => readFile(buildOf(name)))).then(
    () => true,
    () => false,
  );
  if (complete) return files;
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'package.json'), '{ "private": true }\n');
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', '--omit=optional'];
  const names = PACKAGES.map((name) => `${name}@${P2P_MEDIA_LOADER_VERSION}`);
  const { code, stderr } = await runToEnd('npm', ['install', ...flags, ...names], { cwd: home });
  if (code !== 0)
    throw new BenchError('start-failed', `npm could not install ${names.join(' ')}:\n${stderr}`);
  return files;
}
