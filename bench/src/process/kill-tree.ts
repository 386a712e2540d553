import { setTimeout as sleep } from 'node:timers/promises';
import { readProcesses, treeOf } from '../machine/proc.js';

const GONE_MS = 5000;

async function alive(pids: ReadonlySet<number>): Promise<boolean> {
  return (await readProcesses()).some(({ pid }) => pids.has(pid));
}

/** `kill -9` to a process of ours and all below it at once; returns when none is left. */
export async function killTree(pid: number): Promise<void> {
  const pids = new Set(treeOf(pid, await readProcesses()).map((process) => process.pid));
  for (const one of pids) {
    try {
      process.kill(one, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  const start = performance.now();
  while (await alive(pids)) {
    if (performance.now() - start > GONE_MS) throw new Error(`processes ${[...pids].join(', ')} do not end`);
    await sleep(10);
  }
}
