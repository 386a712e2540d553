import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cleanup } from '../process/cleanup.js';
import { nginxServer } from '../servers/nginx.js';
import { drainAndStop, startPair } from './pair.js';
import { newSigningKey } from './viewers.js';

/** A host that has been started, and what goes on beside it. */
export interface Host {
  readonly port: number;
  readonly pid: number;
  /** Signs tokens, where it asks for them. */
  readonly privateKey?: string;
  /** What happens in the middle of the load. */
  readonly amid?: () => Promise<void>;
}

export interface HostComponents {
  readonly cleanup: Cleanup;
  readonly originPort: number;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly path: (command: string) => string;
}

export interface HostContender {
  readonly name: string;
  readonly family: string;
  readonly setting: string;
  /** Whether its highest rate is looked for as well. */
  readonly highest: boolean;
  readonly start: (components: HostComponents) => Promise<Host>;
}

async function eddy(
  { cleanup, originPort, folder }: HostComponents,
  { tokens, drained = false }: { readonly tokens: boolean; readonly drained?: boolean },
): Promise<Host> {
  const key = tokens ? newSigningKey() : undefined;
  const pair = await startPair(cleanup, {
    ...{ originPort, folder },
    ...(key === undefined ? {} : { publicKeys: key.publicKeys }),
  });
  return {
    port: pair.measuredPort,
    pid: pair.measured.pid,
    ...(key === undefined ? {} : { privateKey: key.privateKey }),
    ...(drained ? { amid: () => drainAndStop(pair.neighbour) } : {}),
  };
}

export const HOST_CONTENDERS: readonly HostContender[] = [
  {
    name: 'eddy-tokens',
    family: 'eddy',
    setting: 'ES256 tokens in the path; a sibling that half of the objects belong to',
    highest: true,
    start: (components) => eddy(components, { tokens: true }),
  },
  {
    name: 'eddy-neighbour-drained',
    family: 'eddy, neighbour drained',
    setting: 'the same; amid the load the sibling is drained and stopped',
    highest: false,
    start: (components) => eddy(components, { tokens: true, drained: true }),
  },
  {
    name: 'eddy-open',
    family: 'eddy, open',
    setting: 'without tokens; the sibling as before',
    highest: true,
    start: (components) => eddy(components, { tokens: false }),
  },
  {
    name: 'nginx-open',
    family: 'nginx',
    setting: 'proxy_cache, 2 workers, sendfile off; without tokens and siblings',
    highest: true,
    start: async ({ cleanup, originPort, folder, signal, path }) => {
      const home = join(folder, 'nginx');
      await mkdir(home, { recursive: true });
      const server = await nginxServer(
        { nginx: path('nginx') },
        { workers: 2, output: 'buffers', connections: 4096 },
      );
      const { port, pid, stop } = await server.start({ originPort, folder: home, signal });
      cleanup.add(stop);
      return { port, pid };
    },
  },
];
