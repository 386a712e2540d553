import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Cleanup } from '../process/cleanup.js';
import type { CommandLine } from './netns.js';

const run = promisify(execFile);

/** A network namespace that a process of ours holds open; it and its interfaces go with that process. */
export interface HeldNamespace {
  /** Of the process that holds it: interfaces are moved in by it. */
  readonly pid: number;
  /** The command line that runs a program inside. It keeps the process id, so it is stopped like any other. */
  readonly line: (line: CommandLine) => CommandLine;
  /** Runs a program inside to its end and returns what it printed. Throws where it fails. */
  readonly run: (command: string, ...args: readonly string[]) => Promise<string>;
  /** Writes a program into a folder that starts `command` inside, with the arguments it is given; returns its path. */
  readonly wrapper: (folder: string, command: string) => Promise<string>;
}

async function netnsOf(pid: number | 'self'): Promise<string> {
  return await readlink(`/proc/${pid}/ns/net`);
}

/** Makes a namespace with nothing in it but a loopback interface, which is up. Takes the right to make some. */
export async function holdNamespace(cleanup: Cleanup): Promise<HeldNamespace> {
  const holder = spawn('unshare', ['--net', 'sleep', '86400'], { stdio: 'ignore' });
  const exit = once(holder, 'exit');
  const { pid } = holder;
  if (pid === undefined) throw new Error('unshare cannot be started');
  cleanup.add(async () => {
    holder.kill('SIGKILL');
    await exit;
  });
  const outer = await netnsOf('self');
  while ((await netnsOf(pid)) === outer) {
    if (holder.exitCode !== null) throw new Error('unshare may not make a network namespace here');
    await sleep(5);
  }
  const line = ({ command, args }: CommandLine): CommandLine => ({
    command: 'nsenter',
    args: ['--target', String(pid), '--net', command, ...args],
  });
  const inside = async (command: string, ...args: readonly string[]): Promise<string> => {
    const { command: enter, args: all } = line({ command, args });
    return (await run(enter, [...all])).stdout;
  };
  await inside('ip', 'link', 'set', 'lo', 'up');
  return {
    ...{ pid, line, run: inside },
    wrapper: async (folder, command) => {
      const file = join(folder, `within-${pid}`);
      await writeFile(file, `#!/bin/sh\nexec nsenter --target ${pid} --net '${command}' "$@"\n`);
      await chmod(file, 0o700);
      return file;
    },
  };
}
