import { readFile } from 'node:fs/promises';

/** Parses the hard limit of open files out of /proc/PID/limits; Infinity where there is none. */
export function parseOpenFileLimit(text: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(text)?.[1];
  if (hard === undefined) throw new TypeError('no limit of open files in /proc/PID/limits');
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}

/** How many files and sockets a child of this process may open. Node raises its own soft limit to this. */
export async function openFileLimit(): Promise<number> {
  return parseOpenFileLimit(await readFile('/proc/self/limits', 'utf8'));
}
