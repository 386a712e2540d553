import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../errors.js';
import { getWhole } from '../load/get-whole.js';
import { startChild } from '../process/child.js';
import { freePort } from '../process/port.js';
import type { Certificate } from './certificate.js';
import { accepts } from './ready.js';
import type { ServerUnderTest } from './server.js';
import { benchKeys, goodToken, tokenPrefix } from './tokens.js';

const EDGE = fileURLToPath(new URL('../../../edge/', import.meta.url));

export interface EddyEdgeOptions {
  /** Processes. Default: 1. */
  readonly workers?: number;
  /** As `--cache-memory` takes it. */
  readonly memory?: string;
  /** Keep a disk tier of this size, as `--cache-disk` takes it, below the folder it is started in. */
  readonly disk?: string;
  readonly tls?: Certificate;
  /** Said after the name, where several variants are in one table. */
  readonly label?: string;
  /** Several families let a workload compare eddy with eddy. Default: `eddy`. */
  readonly family?: string;
  /** Ask for tokens below this path, count requests by client (so high that nobody is refused), log one request in a hundred. */
  readonly guarded?: string;
  /** Below this path of the origin. */
  readonly originPath?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For Node itself. */
  readonly nodeOptions?: readonly string[];
}

async function versionOf(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(EDGE, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}

function settingOf(options: EddyEdgeOptions): string {
  const { workers = 1, memory, disk, env, nodeOptions = [] } = options;
  return [
    workers === 1 ? 'one process' : `${workers} workers`,
    ...(memory === undefined ? [] : [`${memory} of memory`]),
    ...(disk === undefined ? [] : [`${disk} of disk`]),
    ...Object.entries(env ?? {}).map(([key, value]) => `${key}=${value}`),
    ...(nodeOptions.length === 0 ? [] : [`node ${nodeOptions.join(' ')}`]),
    'all else at its default',
  ].join(', ');
}

function guardedSettings(folder: string): Readonly<Record<string, unknown>> {
  return {
    access: { keysFile: join(folder, 'keys.json') },
    accessLog: { file: join(folder, 'access.log'), sample: 0.01 },
    limits: { requestsPerSecond: 100_000, connectionsPerAddress: 20_000, sessionRequestsPerSecond: 100_000 },
  };
}

/** A guard that lets everybody in must not be measured as one. Throws BenchError `start-failed`. */
async function asksForTokens(url: string, ca: string | undefined, stop: () => Promise<void>): Promise<void> {
  const status = await getWhole(url, ca).then(
    (answer) => answer.status,
    () => undefined,
  );
  if (status === 401 || status === 403) return;
  await stop();
  throw new BenchError(
    'start-failed',
    `eddy-edge has access.keysFile and answers ${status ?? 'nothing'} to a request without a token`,
  );
}

/** `eddy-edge` as an operator starts it. Metrics, limits, signaling and insight are on, as they are by default. */
export async function eddyEdgeServer(options: EddyEdgeOptions = {}): Promise<ServerUnderTest> {
  const { workers = 1, memory, disk, tls, label, guarded, env, nodeOptions = [], originPath = '' } = options;
  const bin = join(EDGE, 'bin', 'eddy-edge.js');
  for (const file of [bin, join(EDGE, 'dist', 'index.js')]) {
    await access(file).catch((cause: unknown) => {
      throw new BenchError('not-built', `${file} is missing; build first: npm run build`, { cause });
    });
  }
  const parts = [
    'eddy-edge',
    ...(tls === undefined ? [] : ['TLS']),
    ...(guarded === undefined ? [] : ['guarded']),
    ...(workers === 1 ? [] : [`${workers} workers`]),
  ];
  return {
    name: [...parts, ...(label === undefined ? [] : [label])].join(', '),
    family: options.family ?? 'eddy',
    version: await versionOf(),
    setting: settingOf(options),
    features: [
      'metrics',
      'limits',
      ...(tls === undefined ? [] : ['TLS 1.3']),
      ...(disk === undefined ? [] : ['disk tier']),
      ...(guarded === undefined
        ? []
        : ['tokens in the path', 'limits by client', 'access log of one request in 100']),
    ],
    start: async ({ originPort, folder, signal }) => {
      const [port, admin, insight] = [await freePort(), await freePort(), await freePort()];
      const tlsPort = tls === undefined ? undefined : await freePort();
      if (guarded !== undefined) await writeFile(join(folder, 'keys.json'), benchKeys());
      const settings = {
        ...(guarded === undefined ? {} : guardedSettings(folder)),
        ...(tls === undefined
          ? {}
          : { tls: { listen: `127.0.0.1:${tlsPort}`, certFile: tls.certFile, keyFile: tls.keyFile } }),
      };
      const file = join(folder, 'edge.json');
      if (Object.keys(settings).length > 0) await writeFile(file, JSON.stringify(settings));
      const cacheDir = join(folder, 'cache');
      if (disk !== undefined) await mkdir(cacheDir, { recursive: true });
      const served = tlsPort ?? port;
      const child = await startChild({
        name: 'eddy-edge',
        command: process.execPath,
        args: [
          ...nodeOptions,
          bin,
          ...(Object.keys(settings).length > 0 ? ['--config', file] : []),
          ...['--origin', `http://127.0.0.1:${originPort}${originPath}`],
          ...['--listen', `127.0.0.1:${port}`],
          ...['--admin', `127.0.0.1:${admin}`],
          ...['--insight', `127.0.0.1:${insight}`],
          ...['--data-dir', join(folder, 'data')],
          ...(workers === 1 ? [] : ['--workers', String(workers)]),
          ...(memory === undefined ? [] : ['--cache-memory', memory]),
          ...(disk === undefined ? [] : ['--cache-dir', cacheDir, '--cache-disk', disk]),
        ],
        cwd: folder,
        ...(env === undefined ? {} : { env }),
        ready: () => accepts(served),
        signal,
      });
      const url = `http${tls === undefined ? '' : 's'}://127.0.0.1:${served}`;
      if (guarded !== undefined) await asksForTokens(`${url}${guarded}/without-token`, tls?.ca, child.stop);
      return {
        url,
        port: served,
        ...(guarded === undefined ? {} : { prefix: tokenPrefix(goodToken(guarded, Date.now())) }),
        ...(tls === undefined ? {} : { ca: tls.ca }),
        ...child,
        // RFC 9211: `eddy; hit; ttl=3590`.
        saysHit: (headers) => /^[^,;]+;\s*hit(?:;|$)/.test(headers.get('cache-status') ?? ''),
      };
    },
  };
}
