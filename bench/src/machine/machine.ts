import { readFile } from 'node:fs/promises';
import os from 'node:os';

/** Where the figures come from. No host name, no addresses. */
export interface Machine {
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly system: string;
  readonly nodeVersion: string;
}

export async function describeMachine(): Promise<Machine> {
  const cpus = os.cpus();
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return {
    cpuModel: cpus[0]?.model.trim() ?? 'unknown CPU',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()}`,
    system: /^PRETTY_NAME="?([^"\n]+)/m.exec(release)?.[1] ?? os.platform(),
    nodeVersion: process.versions.node,
  };
}
