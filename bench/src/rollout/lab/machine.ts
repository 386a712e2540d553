import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../errors.js';
import { mustRun, runToEnd } from '../../system/command-line.js';
import { BOOT_SCRIPT, FORGET_SCRIPT } from './boot-script.js';
import { writeMachineFiles } from './machine-files.js';

export interface MachineOptions {
  readonly name: string;
  readonly address: string;
  /** For its files; of its own. */
  readonly folder: string;
  readonly publicKeyFile: string;
}

/** A machine with systemd and sshd, on the lab's network. */
export interface Machine {
  readonly name: string;
  readonly address: string;
  /** Runs a program on it and returns what it printed. Throws where it fails. */
  readonly run: (command: string, ...args: string[]) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** The bridge that machines are plugged into. */
export const BRIDGE = 'eddy-lab';
const BOOT_MS = 30_000;

/** The machine's process 1: the child of `unshare --fork`, once it has become systemd. */
async function initOf(pid: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const child = children.trim();
  const name = await readFile(`/proc/${child}/comm`, 'utf8').catch(() => '');
  return name.trim() === 'systemd' ? Number(child) : undefined;
}

/** Boots a machine and waits until its sshd answers. Throws BenchError `start-failed` with what it wrote. */
export async function bootMachine(options: MachineOptions): Promise<Machine> {
  const { name, address, folder, publicKeyFile } = options;
  const group = `eddy-lab-${process.pid}-${name}`;
  await mkdir(folder, { recursive: true });
  await writeMachineFiles(join(folder, 'upper'), { name, publicKeyFile });
  const child = spawn('unshare', ['--mount', 'sh', '-c', BOOT_SCRIPT, 'sh', folder, name, group], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4_000);
    });
  }
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL'); // And with it its process 1, and with that all of the machine.
    await ended;
    const mountPoint = join(folder, 'cgroup');
    const forget = (): ReturnType<typeof runToEnd> =>
      runToEnd('unshare', ['--mount', 'sh', '-c', FORGET_SCRIPT, 'sh', mountPoint, group]);
    // What was killed takes a moment to leave its group.
    for (let tries = 0; tries < 20 && (await forget()).code !== 0; tries++) await sleep(100);
  };
  try {
    const init = await plugIn(child.pid ?? 0, address, () => child.exitCode !== null);
    const run = (command: string, ...args: string[]): Promise<string> =>
      mustRun('nsenter', ['--target', String(init), '--all', '--root', '--wd=/', '--', command, ...args]);
    return { name, address, run, stop };
  } catch (cause) {
    await stop();
    throw new BenchError('start-failed', `${name} did not boot: ${String(cause)}\n${log}`, { cause });
  }
}

/** Gives it `eth0` on the bridge, as soon as its namespaces are there, and waits for its sshd. */
async function plugIn(pid: number, address: string, dead: () => boolean): Promise<number> {
  const deadline = performance.now() + BOOT_MS;
  const [third, fourth] = address.split('.').slice(2);
  const port = `lab-${third}-${fourth}`;
  let init: number | undefined;
  for (let plugged = false; ; await sleep(50)) {
    if (dead() || performance.now() > deadline) throw new Error('it ended or was too slow');
    init ??= await initOf(pid);
    if (init === undefined) continue;
    if (!plugged) {
      const { code } = await runToEnd('ip', [
        ...['link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(init)],
      ]);
      if (code !== 0) continue;
      await mustRun('ip', ['link', 'set', port, 'master', BRIDGE, 'up']);
      const inside = `ip addr add ${address}/16 dev eth0 && ip link set eth0 up`;
      await mustRun('nsenter', ['--target', String(init), '--net', 'sh', '-c', inside]);
      plugged = true;
    }
    const { stdout } = await runToEnd('ssh-keyscan', ['-T', '1', '-t', 'ed25519', address]);
    if (stdout !== '') return init;
  }
}
