import { type EddyEdgeOptions, eddyEdgeServer } from '../servers/eddy-edge.js';
import { type NginxOptions, nginxServer } from '../servers/nginx.js';
import type { ServerUnderTest } from '../servers/server.js';
import { varnishServer } from '../servers/varnish.js';
import type { Stage } from './stage.js';

/** One process, and one per core. */
export function workerCounts(cores: number): number[] {
  return [...new Set([1, cores])];
}

/** eddy-edge with one process and with one per core. */
export async function eddies(stage: Stage, options: EddyEdgeOptions = {}): Promise<ServerUnderTest[]> {
  return await Promise.all(
    workerCounts(stage.cores).map((workers) => eddyEdgeServer({ ...options, workers })),
  );
}

/**
 * eddy-edge with one process per core and everything on that checks and records requests. A family of its own, so
 * that what the guards cost is seen beside eddy-edge without them.
 */
export async function guardedEddy(stage: Stage, guarded: string): Promise<ServerUnderTest> {
  return await eddyEdgeServer({
    guarded,
    workers: stage.cores,
    family: 'eddy with tokens, log and limits by client',
  });
}

/** nginx in both ways to send, with one worker and with one per core. */
export async function nginxes(
  stage: Stage,
  options: Omit<NginxOptions, 'workers' | 'output'> = {},
): Promise<ServerUnderTest[]> {
  const nginx = stage.components.path('nginx');
  return await Promise.all(
    (['sendfile', 'buffers'] as const).flatMap((output) =>
      workerCounts(stage.cores).map((workers) => nginxServer({ nginx }, { ...options, workers, output })),
    ),
  );
}

/** nginx in the one setting that suits small work and many connections: a worker per core, sendfile. */
export async function oneNginx(
  stage: Stage,
  options: Omit<NginxOptions, 'workers' | 'output'> = {},
): Promise<ServerUnderTest> {
  const nginx = stage.components.path('nginx');
  return await nginxServer({ nginx }, { ...options, workers: stage.cores, output: 'sendfile' });
}

export async function varnish(stage: Stage): Promise<ServerUnderTest> {
  return await varnishServer({ varnishd: stage.components.path('varnishd') });
}
