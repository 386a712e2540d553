import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from '../process/child.js';
import { outputOf } from '../process/commands.js';
import { freePort } from '../process/port.js';
import { accepts } from './ready.js';
import type { ServerUnderTest } from './server.js';
import { varnishArguments, varnishVcl } from './varnish-config.js';

/** Varnish with its objects in memory. `varnishd` is the path of the program. */
export async function varnishServer({ varnishd }: { readonly varnishd: string }): Promise<ServerUnderTest> {
  const version = /varnish-(\S+)/.exec(await outputOf(varnishd, ['-V']))?.[1] ?? 'unknown';
  return {
    name: 'varnish malloc',
    family: 'varnish',
    version,
    setting: 'malloc storage, 2 pools of 100 to 1000 threads, working folder on tmpfs',
    start: async ({ originPort, folder, signal }) => {
      const port = await freePort();
      const vclFile = join(folder, 'bench.vcl');
      const work = join(folder, 'work');
      await mkdir(work, { recursive: true });
      await writeFile(vclFile, varnishVcl({ originPort }));
      const child = await startChild({
        name: 'varnishd',
        command: varnishd,
        args: varnishArguments({ port, folder: work, vclFile }),
        ready: () => accepts(port),
        signal,
      });
      return {
        url: `http://127.0.0.1:${port}`,
        port,
        ...child,
        // Two numbers: this request, and the one that filled the object.
        saysHit: (headers) => /^\d+ \d+$/.test(headers.get('x-varnish') ?? ''),
      };
    },
  };
}
