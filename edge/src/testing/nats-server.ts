import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';

/** Debian's NATS server with JetStream, on loopback, in a folder of its own. */
export interface NatsServer {
  readonly url: string;
  /** Ends it without a word, as a power cut would; what it stored stays. */
  kill(): Promise<void>;
  /** On the same port, with the same folder. */
  restart(): Promise<void>;
  /** Ends it and removes the folder. */
  stop(): Promise<void>;
}

export interface NatsServerOptions {
  /** Further lines of its configuration. Default: none, anybody may connect. */
  readonly config?: string;
}

export async function startNatsServer({ config = '' }: NatsServerOptions = {}): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'eddy-nats-'));
  const port = await freePort();
  const file = join(folder, 'nats.conf');
  const jetStream = `jetstream { store_dir: "${folder}/store", max_memory_store: 64MB, max_file_store: 64MB }`;
  await writeFile(file, `listen: "127.0.0.1:${port}"\n${jetStream}\n${config}\n`);
  let child = await run(file);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    kill,
    async restart() {
      await kill();
      child = await run(file);
    },
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when it says that it is ready. @throws Error with what it said where it ends before. */
async function run(file: string): Promise<ChildProcess> {
  const child = spawn('nats-server', ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Server is ready')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`nats-server ended with ${code}: ${said.slice(-2000)}`)));
  });
  return child;
}
