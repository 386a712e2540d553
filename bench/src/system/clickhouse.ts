import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../process/child.js';
import { Cleanup } from '../process/cleanup.js';
import { requireCommands } from '../process/commands.js';
import { freePorts } from './ports.js';

const NEEDS = [{ command: 'clickhouse-server', debianPackage: 'clickhouse-server' }];

export interface ClickHouseOptions {
  /** Stops the start. Default: never. */
  readonly signal?: AbortSignal;
  /** Where it keeps everything, kept when it stops. Default: a new temporary folder, gone after `stop`. */
  readonly folder?: string;
}

/** A ClickHouse server of our own on loopback. */
export interface ClickHouse {
  /** Its HTTP interface, without a slash at the end. */
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** One user without a password, for connections from this host alone. */
const USERS = `<yandex>
  <profiles><default><max_memory_usage>8000000000</max_memory_usage></default></profiles>
  <users><default><password></password><networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota></default></users>
  <quotas><default></default></quotas>
</yandex>
`;

function config(folder: string, http: number, tcp: number, interserver: number): string {
  return `<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${http}</http_port>
  <tcp_port>${tcp}</tcp_port>
  <interserver_http_port>${interserver}</interserver_http_port>
  <interserver_http_host>127.0.0.1</interserver_http_host>
  <path>${folder}/data/</path>
  <tmp_path>${folder}/tmp/</tmp_path>
  <format_schema_path>${folder}/formats/</format_schema_path>
  <users_config>${folder}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>268435456</mark_cache_size>
  <uncompressed_cache_size>268435456</uncompressed_cache_size>
</yandex>
`;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(2_000) });
    return (await response.text()).startsWith('Ok');
  } catch {
    return false;
  }
}

/**
 * Starts Debian's ClickHouse in a folder of its own. Takes about a second.
 * Throws {@link BenchError} `command-missing` (with the package to install) or `start-failed` (with the end of the log).
 */
export async function startClickHouse(options: ClickHouseOptions = {}): Promise<ClickHouse> {
  const { signal = new AbortController().signal } = options;
  const command = (await requireCommands(NEEDS))('clickhouse-server');
  const cleanup = new Cleanup();
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'eddy-clickhouse-')));
  if (options.folder === undefined) cleanup.add(() => rm(folder, { recursive: true, force: true }));
  try {
    for (const name of ['data', 'tmp', 'formats']) await mkdir(join(folder, name), { recursive: true });
    const [http = 0, tcp = 0, interserver = 0] = await freePorts(3);
    await writeFile(join(folder, 'users.xml'), USERS);
    const file = join(folder, 'config.xml');
    await writeFile(file, config(folder, http, tcp, interserver));
    const url = `http://127.0.0.1:${http}`;
    const child = await startChild({
      ...{ name: 'clickhouse-server', command, args: [`--config-file=${file}`], cwd: folder },
      ready: () => answers(url),
      signal,
    });
    cleanup.add(child.stop);
    return { url, pid: child.pid, folder, log: child.log, stop: () => cleanup.run() };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}
