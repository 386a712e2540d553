import { readFile } from 'node:fs/promises';
import { readProcesses, treeOf } from './proc.js';

/** What a process tree holds in memory at one moment. */
export interface TreeMemory {
  /** Sum over its processes; what they share counts once for each, so this is never too low. */
  readonly residentBytes: number;
  readonly processes: number;
}

/** Parses `VmRSS` of /proc/PID/status (proc(5)); undefined where there is none, as for a kernel thread. */
export function parseResidentBytes(text: string): number | undefined {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

export async function treeMemory(root: number): Promise<TreeMemory> {
  const tree = treeOf(root, await readProcesses());
  const sizes = await Promise.all(
    tree.map(({ pid }) => readFile(`/proc/${pid}/status`, 'utf8').then(parseResidentBytes, () => undefined)),
  );
  const known = sizes.filter((size) => size !== undefined);
  return { residentBytes: known.reduce((sum, size) => sum + size, 0), processes: known.length };
}

/** Watches a tree until `stop`, which returns the largest sight of it. */
export function watchMemory(root: number, everyMs: number): { stop: () => Promise<TreeMemory> } {
  let peak: TreeMemory = { residentBytes: 0, processes: 0 };
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    const seen = await treeMemory(root);
    if (seen.residentBytes > peak.residentBytes) peak = seen;
  };
  const timer = setInterval(() => {
    looking = look();
  }, everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
      await look();
      return peak;
    },
  };
}
