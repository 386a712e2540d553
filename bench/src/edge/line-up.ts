import { eddyEdgeServer } from '../servers/eddy-edge.js';
import { nginxServer } from '../servers/nginx.js';
import type { ServerUnderTest } from '../servers/server.js';
import { varnishServer } from '../servers/varnish.js';

/** Who is measured: eddy-edge, nginx in both ways to send and with one worker and one per core, Varnish. */
export async function lineUp(path: (command: string) => string, cores: number): Promise<ServerUnderTest[]> {
  const nginx = path('nginx');
  const workerCounts = [...new Set([1, cores])];
  return [
    await eddyEdgeServer(),
    ...(await Promise.all(
      (['sendfile', 'buffers'] as const).flatMap((output) =>
        workerCounts.map((workers) => nginxServer({ nginx }, { workers, output })),
      ),
    )),
    await varnishServer({ varnishd: path('varnishd') }),
  ];
}
