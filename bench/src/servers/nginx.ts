import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from '../process/child.js';
import { outputOf } from '../process/commands.js';
import { freePort } from '../process/port.js';
import type { Certificate } from './certificate.js';
import { type NginxConfigOptions, nginxConfig } from './nginx-config.js';
import { accepts } from './ready.js';
import type { ServerUnderTest } from './server.js';

export interface NginxOptions
  extends Pick<NginxConfigOptions, 'workers' | 'output' | 'connections' | 'cacheSize' | 'originPath'> {
  readonly tls?: Certificate;
}

/** nginx `proxy_cache` in one setting. `nginx` is the path of the program. */
export async function nginxServer(
  { nginx }: { readonly nginx: string },
  { workers, output, tls, ...limits }: NginxOptions,
): Promise<ServerUnderTest> {
  const version = /nginx\/(\S+)/.exec(await outputOf(nginx, ['-v']))?.[1] ?? 'unknown';
  const how = output === 'sendfile' ? 'sendfile on' : 'sendfile off; output_buffers 2 512k';
  return {
    name: `nginx ${output}, ${workers} worker${workers === 1 ? '' : 's'}`,
    family: 'nginx',
    version,
    setting: `proxy_cache; ${how}; worker_processes ${workers}`,
    features: tls === undefined ? [] : ['TLS 1.3'],
    start: async ({ originPort, folder, signal }) => {
      const port = await freePort();
      const file = join(folder, 'nginx.conf');
      await mkdir(join(folder, 'cache'), { recursive: true });
      const asRoot = process.getuid?.() === 0;
      await writeFile(
        file,
        nginxConfig({
          port,
          originPort,
          folder,
          workers,
          output,
          asRoot,
          ...limits,
          ...(tls === undefined ? {} : { tls }),
        }),
      );
      const child = await startChild({
        name: 'nginx',
        command: nginx,
        args: ['-p', folder, '-e', 'stderr', '-c', file],
        ready: () => accepts(port),
        signal,
      });
      return {
        url: `http${tls === undefined ? '' : 's'}://127.0.0.1:${port}`,
        port,
        ...(tls === undefined ? {} : { ca: tls.ca }),
        ...child,
        saysHit: (headers) => headers.get('x-cache') === 'HIT',
      };
    },
  };
}
