import { randomUUID } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timers } from '../components.js';
import { FolderInUseError } from './disk-tier.js';
import { type DiskFileSystem, errorCode } from './file-system.js';

export interface FolderLockComponents {
  readonly files: DiskFileSystem;
  readonly timers: Timers;
  /** Since the epoch. */
  readonly wallClock: Clock;
  /** Called when it takes `silentMs` to find out. */
  readonly waits?: () => void;
}

export interface FolderLockOptions {
  readonly folder: string;
  /** The holder says so often that it lives. Default 2 s. */
  readonly beatMs?: number;
  /** A lock of one's own that could not be released. */
  readonly formerToken?: string | undefined;
  /** A holder in another container who has said nothing for so long is dead. Default 10 s. */
  readonly silentMs?: number;
}

/** Says that a process holds a folder. Node has no `flock`, so the lock is a file that names its holder. */
interface Holder {
  /** Of this one taking. */
  readonly token: string;
  readonly pid: number;
  /** Tells a process from a later one with the same number. */
  readonly started: string;
  /** Boot and process namespace: only within it can the pid be looked up. */
  readonly world: string;
}

export interface FolderLock {
  readonly token: string;
  /** `lost` is called once, when the lock file is gone or another's. */
  watch(lost: (error: Error) => void): void;
  release(): Promise<void>;
}

const ATTEMPTS = 5;

/**
 * @throws FolderInUseError if a living process holds it. A lock that a killed process of this machine left is taken over
 * at once; one from another container only after it has been silent for `silentMs`.
 */
export async function lockFolder(
  { files, timers, wallClock, waits }: FolderLockComponents,
  { folder, formerToken, beatMs = 2000, silentMs = 10_000 }: FolderLockOptions,
): Promise<FolderLock> {
  const path = join(folder, 'lock');
  const me: Holder = { token: randomUUID(), ...(await processIdentity()) };
  const mine = Buffer.from(JSON.stringify(me));
  const own = join(folder, `lock.${me.token}`);
  const file = await files.open(own, 'create');
  try {
    await files.write(file, [mine], 0);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await taken(() => files.link(own, path))) return held();
      const text = await readText(files, path);
      if (text === undefined) continue;
      await refuseIfAlive(text);
      await takeAway(text);
    }
    throw new FolderInUseError(folder, 'several start at once');
  } catch (error) {
    await files.close(file).catch(() => undefined);
    throw error;
  } finally {
    await files.unlink(own).catch(() => undefined);
  }

  async function refuseIfAlive(text: string): Promise<void> {
    const holder = parseHolder(text);
    if (holder === undefined || holder.token === formerToken) return;
    const who = `process ${holder.pid}`;
    if (holder.world === me.world) {
      if ((await startOf(holder.pid)) === holder.started) throw new FolderInUseError(folder, who);
      return;
    }
    const before = await beatOf(files, path);
    waits?.();
    await new Promise<void>((after) => {
      timers.after(silentMs, after);
    });
    if ((await beatOf(files, path)) !== before) throw new FolderInUseError(folder, `${who} elsewhere`);
  }

  /** Another may have been faster: then the file is its own, and gets its name back. */
  async function takeAway(text: string): Promise<void> {
    const aside = join(folder, `lock.${randomUUID()}`);
    if (!(await taken(() => files.rename(path, aside)))) return;
    if ((await readText(files, aside)) !== text) await taken(() => files.link(aside, path));
    await files.unlink(aside);
  }

  function held(): FolderLock {
    let cancel: () => void = () => undefined;
    let released = false;
    return {
      token: me.token,
      watch: (lost) => {
        const beat = async (): Promise<void> => {
          try {
            if ((await readText(files, path)) !== mine.toString())
              throw new Error(`${path} is another's or gone`);
            await files.touch(file, wallClock.now());
            if (!released) next();
          } catch (error) {
            if (!released) lost(error instanceof Error ? error : new Error(String(error)));
          }
        };
        const next = (): void => {
          cancel = timers.after(beatMs, () => void beat());
        };
        next();
      },
      release: async () => {
        released = true;
        cancel();
        const own = (await readText(files, path).catch(() => undefined)) === mine.toString();
        if (own) await files.unlink(path).catch(() => undefined);
        await files.close(file).catch(() => undefined);
      },
    };
  }
}

/** False: the name is taken, or the file has gone. */
async function taken(step: () => Promise<void>): Promise<boolean> {
  try {
    await step();
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST' || errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Undefined: there is none. */
async function readText(files: DiskFileSystem, path: string): Promise<string | undefined> {
  return withFile(files, path, async (file) => {
    const bytes = Buffer.alloc(1024);
    return bytes.toString('utf8', 0, await files.read(file, bytes, 0));
  });
}

async function beatOf(files: DiskFileSystem, path: string): Promise<number | undefined> {
  return withFile(files, path, async (file) => (await files.stat(file)).changedMs);
}

async function withFile<T>(
  files: DiskFileSystem,
  path: string,
  run: (file: number) => Promise<T>,
): Promise<T | undefined> {
  let file: number;
  try {
    file = await files.open(path, 'read');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return await run(file);
  } finally {
    await files.close(file);
  }
}

/** Undefined: not one that was written to its end. */
function parseHolder(text: string): Holder | undefined {
  const fields = /^\{"token":"([^"]+)","pid":(\d+),"started":"([^"]*)","world":"([^"]*)"\}$/.exec(text);
  const [, token, pid, started, world] = fields ?? [];
  if (token === undefined || started === undefined || world === undefined) return undefined;
  return { token, pid: Number(pid), started, world };
}

async function processIdentity(): Promise<Omit<Holder, 'token'>> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => 'unknown');
  const started = (await startOf(process.pid)) ?? '';
  return { pid: process.pid, started, world: `${boot.trim()} ${namespace}` };
}

/** When the process started, in ticks since boot. Undefined: there is no such process. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat !== undefined) {
    // The name of the program is in parentheses and may hold anything; state is the first field after, the start the 20th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  }
  if (process.platform === 'linux') return undefined;
  try {
    process.kill(pid, 0);
    return '';
  } catch {
    return undefined;
  }
}
