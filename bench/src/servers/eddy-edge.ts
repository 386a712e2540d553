import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../errors.js';
import { startChild } from '../process/child.js';
import { freePort } from '../process/port.js';
import { accepts } from './ready.js';
import type { ServerUnderTest } from './server.js';

const EDGE = fileURLToPath(new URL('../../../edge/', import.meta.url));

/** `eddy-edge` as an operator starts it, every feature at its default. `nodeOptions` go to Node itself. */
export async function eddyEdgeServer({
  nodeOptions = [],
}: {
  readonly nodeOptions?: readonly string[];
} = {}): Promise<ServerUnderTest> {
  const bin = join(EDGE, 'bin', 'eddy-edge.js');
  for (const file of [bin, join(EDGE, 'dist', 'index.js')]) {
    await access(file).catch((cause: unknown) => {
      throw new BenchError('not-built', `${file} is missing; build first: npm run build`, { cause });
    });
  }
  const manifest: unknown = JSON.parse(await readFile(join(EDGE, 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : 'unknown';
  return {
    name: 'eddy-edge',
    family: 'eddy',
    version,
    setting: `one process, every feature at its default${nodeOptions.length > 0 ? `, node ${nodeOptions.join(' ')}` : ''}`,
    start: async ({ originPort, folder, signal }) => {
      const [port, admin, insight] = [await freePort(), await freePort(), await freePort()];
      const child = await startChild({
        name: 'eddy-edge',
        command: process.execPath,
        args: [
          ...nodeOptions,
          bin,
          ...['--origin', `http://127.0.0.1:${originPort}`],
          ...['--listen', `127.0.0.1:${port}`],
          ...['--admin', `127.0.0.1:${admin}`],
          ...['--insight', `127.0.0.1:${insight}`],
          ...['--data-dir', join(folder, 'data')],
        ],
        cwd: folder,
        ready: () => accepts(port),
        signal,
      });
      return {
        url: `http://127.0.0.1:${port}`,
        ...child,
        // RFC 9211: `eddy; hit; ttl=3590`.
        saysHit: (headers) => /^[^,;]+;\s*hit(?:;|$)/.test(headers.get('cache-status') ?? ''),
      };
    },
  };
}
