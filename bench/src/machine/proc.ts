import { readdir, readFile } from 'node:fs/promises';

/** Linux counts process time in ticks of 1/100 s on every platform Node supports (USER_HZ, proc(5)). */
const TICKS_PER_SECOND = 100;

/** One process as /proc/PID/stat tells it. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system seconds of the process itself. */
  readonly ownSeconds: number;
  /** User and system seconds of its children that have ended. */
  readonly endedChildrenSeconds: number;
}

/** Parses /proc/PID/stat (proc(5)). The name in brackets may itself hold spaces and brackets. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const end = text.lastIndexOf(')');
  const pid = Number.parseInt(text, 10);
  const fields = text
    .slice(end + 1)
    .trim()
    .split(/\s+/);
  const parent = Number(fields[1]);
  const ticks = [11, 12, 13, 14].map((index) => Number(fields[index] ?? Number.NaN));
  const [user = Number.NaN, system = Number.NaN, childUser = Number.NaN, childSystem = Number.NaN] = ticks;
  if (end < 0 || ![pid, parent, ...ticks].every(Number.isFinite)) return undefined;
  return {
    pid,
    parent,
    ownSeconds: (user + system) / TICKS_PER_SECOND,
    endedChildrenSeconds: (childUser + childSystem) / TICKS_PER_SECOND,
  };
}

/** Seconds all cores were busy since boot, from /proc/stat; time stolen by the hypervisor apart. */
export interface MachineTime {
  readonly busySeconds: number;
  readonly stolenSeconds: number;
}

/** Parses the `cpu` line of /proc/stat: user nice system idle iowait irq softirq steal. */
export function parseMachineTime(text: string): MachineTime {
  const fields = /^cpu +(.+)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
  return {
    busySeconds: (user + nice + system + irq + softirq) / TICKS_PER_SECOND,
    stolenSeconds: steal / TICKS_PER_SECOND,
  };
}

/** `root` and everything below it, in no order. */
export function treeOf(root: number, processes: readonly ProcessStat[]): ProcessStat[] {
  const children = new Map<number, ProcessStat[]>();
  for (const process of processes) {
    children.set(process.parent, [...(children.get(process.parent) ?? []), process]);
  }
  const found = processes.filter(({ pid }) => pid === root);
  for (const process of found) found.push(...(children.get(process.pid) ?? []));
  return found;
}

async function readStat(path: string): Promise<ProcessStat | undefined> {
  try {
    return parseProcessStat(await readFile(path, 'utf8'));
  } catch {
    return undefined; // It ended between the listing and the reading.
  }
}

/** All processes of the machine. */
export async function readProcesses(): Promise<ProcessStat[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readStat(`/proc/${pid}/stat`)));
  return stats.filter((stat) => stat !== undefined);
}

/** CPU seconds used so far by a process, its descendants, and those of them that have ended. */
export async function treeCpuSeconds(root: number): Promise<number> {
  const tree = treeOf(root, await readProcesses());
  return tree.reduce(
    (sum, { ownSeconds, endedChildrenSeconds }) => sum + ownSeconds + endedChildrenSeconds,
    0,
  );
}

/** CPU seconds of this process's own threads, and of its children that have ended. */
export async function ownCpu(): Promise<ProcessStat> {
  const stat = await readStat('/proc/self/stat');
  if (stat === undefined) throw new Error('/proc/self/stat cannot be read');
  return stat;
}

export async function readMachineTime(): Promise<MachineTime> {
  return parseMachineTime(await readFile('/proc/stat', 'utf8'));
}
