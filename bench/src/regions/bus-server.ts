import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '../process/child.js';
import { requireCommands } from '../process/commands.js';

const NEEDS = [{ command: 'nats-server', debianPackage: 'nats-server' }];

/** Debian's NATS server with JetStream in a folder of its own. */
export interface BusServer {
  readonly url: string;
  /** Ends it without a word; what it stored stays. */
  readonly kill: () => Promise<void>;
  /** Again, on the same port with the same folder. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startBusServer(address: string, port: number, signal: AbortSignal): Promise<BusServer> {
  const command = (await requireCommands(NEEDS))('nats-server');
  const folder = await mkdtemp(join(tmpdir(), 'eddy-nats-'));
  const file = join(folder, 'nats.conf');
  const jetStream = `jetstream { store_dir: "${folder}/store", max_memory_store: 64MB, max_file_store: 64MB }`;
  await writeFile(file, `listen: "${address}:${port}"\n${jetStream}\n`);
  let child: Child | undefined;
  const start = async (): Promise<void> => {
    let log = (): string => '';
    child = await startChild({
      ...{ name: 'nats-server', command, args: ['-c', file], signal },
      ready: async () => log().includes('Server is ready'),
      onLog: (read) => {
        log = read;
      },
    });
  };
  await start();
  return {
    url: `nats://${address}:${port}`,
    start,
    kill: async () => {
      await child?.kill();
      child = undefined;
    },
    stop: async () => {
      await child?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
