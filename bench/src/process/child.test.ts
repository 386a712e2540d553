import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { readProcesses, treeCpuSeconds, treeOf } from '../machine/proc.js';
import { startChild } from './child.js';
import { Cleanup } from './cleanup.js';
import { findCommand, requireCommands } from './commands.js';

const never = new AbortController().signal;
const node = (script: string, ready: () => Promise<boolean>, signal = never) =>
  startChild({ name: 'child', command: process.execPath, args: ['-e', script], ready, signal });
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it('stops a child with everything below it, by process id', async () => {
  const parent = `require('child_process').spawn(process.execPath, ['-e', 'console.log("up"); setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`;
  let log = (): string => '';
  const child = await startChild({
    name: 'child',
    command: process.execPath,
    args: ['-e', parent],
    stopMs: 50,
    ready: async () => log().includes('up'),
    onLog: (read) => {
      log = read;
    },
    signal: never,
  });
  const tree = treeOf(child.pid, await readProcesses()).map(({ pid }) => pid);
  expect(tree.length).toBe(2);
  expect(await treeCpuSeconds(child.pid)).toBeGreaterThan(0);
  await child.stop();
  expect(alive(child.pid)).toBe(false);
  // The grandchild is not ours to wait for; ended and not yet reaped it is a zombie without a command line.
  const runs = async (pid: number): Promise<boolean> =>
    (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) !== '';
  await expect.poll(() => Promise.all(tree.map(runs))).toEqual([false, false]);
});

it('says what a child wrote that ends while it starts', async () => {
  await expect(node('console.error("port taken"); process.exit(1)', async () => false)).rejects.toMatchObject(
    {
      code: 'start-failed',
      message: expect.stringContaining('port taken'),
    },
  );
});

it('says so where the program does not exist', async () => {
  const start = startChild({
    name: 'child',
    command: '/nowhere/at-all',
    args: [],
    ready: async () => false,
    signal: never,
  });
  await expect(start).rejects.toMatchObject({ code: 'start-failed' });
});

it('stops what it started when it is interrupted', async () => {
  const controller = new AbortController();
  const start = node(
    'setInterval(() => {}, 1000)',
    async () => {
      controller.abort();
      return false;
    },
    controller.signal,
  );
  await expect(start).rejects.toMatchObject({ name: 'AbortError' });
});

it('undoes everything, newest first, even where a step fails', async () => {
  const done: number[] = [];
  const cleanup = new Cleanup();
  cleanup.add(async () => void done.push(1));
  cleanup.add(async () => {
    throw new Error('stuck');
  });
  cleanup.add(async () => void done.push(3));
  await expect(cleanup.run()).rejects.toThrow('stuck');
  expect(done).toEqual([3, 1]);
});

it('names the package of a missing program', async () => {
  expect(await findCommand('no-such-program')).toBeUndefined();
  await expect(requireCommands([{ command: 'no-such-program', debianPackage: 'such' }])).rejects.toThrow(
    /apt-get install such/,
  );
});
