import { readdir, readFile } from 'node:fs/promises';

async function parentOf(pid) {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(fields[1]), startedAt: fields[19] };
  } catch {
    return undefined;
  }
}

/** All processes below one, as far as /proc tells (nothing where there is none). */
export async function descendantsOf(root) {
  const names = await readdir('/proc').catch(() => []);
  const all = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((name) => parentOf(Number(name))),
  );
  const found = [];
  const waiting = [root];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    for (const process_ of all) {
      if (process_?.parent !== pid) continue;
      found.push(process_);
      waiting.push(process_.pid);
    }
  }
  return found;
}

/** Kills those of the processes that still are what they were. */
export async function killLeftOvers(processes) {
  for (const { pid, startedAt } of processes) {
    if ((await parentOf(pid))?.startedAt !== startedAt) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}
