import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from '../process/child.js';
import { outputOf } from '../process/commands.js';
import { freePort } from '../process/port.js';
import { type NginxConfigOptions, nginxConfig } from './nginx-config.js';
import { accepts } from './ready.js';
import type { ServerUnderTest } from './server.js';

/** nginx `proxy_cache` in one setting. `nginx` is the path of the program. */
export async function nginxServer(
  { nginx }: { readonly nginx: string },
  { workers, output }: Pick<NginxConfigOptions, 'workers' | 'output'>,
): Promise<ServerUnderTest> {
  const version = /nginx\/(\S+)/.exec(await outputOf(nginx, ['-v']))?.[1] ?? 'unknown';
  const how = output === 'sendfile' ? 'sendfile on' : 'sendfile off; output_buffers 2 512k';
  return {
    name: `nginx ${output}, ${workers} worker${workers === 1 ? '' : 's'}`,
    family: 'nginx',
    version,
    setting: `proxy_cache; ${how}; worker_processes ${workers}`,
    start: async ({ originPort, folder, signal }) => {
      const port = await freePort();
      const file = join(folder, 'nginx.conf');
      await mkdir(join(folder, 'cache'));
      const asRoot = process.getuid?.() === 0;
      await writeFile(file, nginxConfig({ port, originPort, folder, workers, output, asRoot }));
      const child = await startChild({
        name: 'nginx',
        command: nginx,
        args: ['-p', folder, '-e', 'stderr', '-c', file],
        ready: () => accepts(port),
        signal,
      });
      return {
        url: `http://127.0.0.1:${port}`,
        ...child,
        saysHit: (headers) => headers.get('x-cache') === 'HIT',
      };
    },
  };
}
