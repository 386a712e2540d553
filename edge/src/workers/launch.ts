import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import type { ListenAddress } from '../config/address.js';
import { ListenError } from '../listeners/listen-error.js';

/** Tells the edge in a launched process which descriptors its public listener has: the first and how many. */
export const LISTENING_FDS = 'LAUNCHED_EDDY_FDS';
const FIRST_FD = 3;
/** So many dead fronts are replaced; an edge that loses more of them has a fault that a restart does not mend. */
const SPARE_FDS = 8;

export interface LaunchOptions {
  readonly address: ListenAddress;
  readonly workers: number;
  /** What is run: the program's own arguments for `node`. */
  readonly command: readonly string[];
}

/**
 * Binds the public listener and starts the edge with one descriptor of it for each thread, since Node 20 can neither
 * open a port twice nor duplicate a descriptor, and threads that share one would close it for each other. Resolves
 * with the exit code. Signals are passed on; when this process dies, the edge notices and stops.
 *
 * @throws ListenError where the address cannot be had.
 */
export async function launch({ address, workers, command }: LaunchOptions): Promise<number> {
  const server = await bind(address);
  const count = workers + SPARE_FDS;
  const child = spawn(process.execPath, [...command], {
    stdio: ['inherit', 'inherit', 'inherit', ...Array<number>(count).fill(descriptorOf(server)), 'ipc'],
    // Else a terminal's Ctrl-C would reach it twice, and the second means: at once.
    detached: true,
    env: { ...process.env, [LISTENING_FDS]: `${FIRST_FD}-${FIRST_FD + count - 1}` },
  });
  // The edge has its own.
  server.close();
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGTERM', forward);
  process.on('SIGINT', forward);
  // Keys, certificates and logs; unheard it would end this process, and the edge with it.
  process.on('SIGHUP', forward);
  return exitOf(child);
}

/** The descriptors that this process was launched with; the first is the owner's. Undefined: it was not launched. */
export function launchedFds(env: NodeJS.ProcessEnv): number[] | undefined {
  const match = /^([0-9]+)-([0-9]+)$/.exec(env[LISTENING_FDS] ?? '');
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2])];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function bind({ host, port }: ListenAddress): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new ListenError('public', { host, port }, error)));
    server.listen({ host, port, backlog: 4096 }, () => resolve(server));
  });
}

/** Node has no public way to it. */
function descriptorOf(server: Server): number {
  const handle: unknown = Reflect.get(server, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  if (typeof fd !== 'number' || fd < 0)
    throw new Error('this Node.js does not tell the descriptor of a listener');
  return fd;
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // A signal that killed it is an error too.
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
