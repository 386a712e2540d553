import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../errors.js';
import { readProcesses, treeOf } from '../machine/proc.js';

/** How long a server may take to start, and to stop when asked. */
const START_MS = 20_000;
const STOP_MS = 8_000;
const LOG_CHARS = 4_000;

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where it runs, for servers that write beside themselves. */
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** True once the server answers. */
  readonly ready: () => Promise<boolean>;
  readonly signal: AbortSignal;
  /** Handed a reader of the log at once, for a `ready` that looks there. */
  readonly onLog?: (log: () => string) => void;
  /** How long it may take until it is ready. Default: 20,000. */
  readonly startMs?: number;
  /** How long it may take to stop when asked. Default: 8,000. */
  readonly stopMs?: number;
}

/** A server of ours that runs as a process of its own. */
export interface Child {
  readonly pid: number;
  /** The end of what it wrote. */
  readonly log: () => string;
  /** Ends it at once, without asking. */
  readonly kill: () => Promise<void>;
  /** Ends it and all its descendants, by their process ids. */
  readonly stop: () => Promise<void>;
}

async function stopTree(
  child: ChildProcess,
  pid: number,
  ended: Promise<unknown>,
  stopMs: number,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const tree = treeOf(pid, await readProcesses());
  child.kill('SIGTERM');
  const patience = new AbortController();
  const late = sleep(stopMs, 'late', { signal: patience.signal }).catch(() => 'ended');
  const outcome = await Promise.race([ended.then(() => 'ended'), late]);
  patience.abort();
  if (outcome === 'ended') return;
  for (const process_ of tree) {
    try {
      process.kill(process_.pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  await ended;
}

/** Starts a server and waits until it is ready. Throws BenchError `start-failed` with the end of its log. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, command, args, ready, signal } = options;
  signal.throwIfAborted();
  const child = spawn(command, [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: { ...process.env, ...options.env } }),
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-LOG_CHARS);
    });
  }
  options.onLog?.(() => log);
  let failure: Error | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      failure = error;
      resolve();
    });
    child.once('exit', () => resolve());
  });
  const { pid } = child;
  if (pid === undefined) {
    await ended;
    throw new BenchError('start-failed', `${name} could not be started: ${failure?.message ?? command}`);
  }
  const stop = (): Promise<void> => stopTree(child, pid, ended, options.stopMs ?? STOP_MS);
  const { startMs = START_MS } = options;
  const deadline = performance.now() + startMs;
  try {
    while (!(await ready())) {
      signal.throwIfAborted();
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new BenchError('start-failed', `${name} ended while it started. It wrote:\n${log.trim()}`);
      }
      if (performance.now() > deadline) {
        throw new BenchError(
          'start-failed',
          `${name} did not answer within ${startMs / 1000} s. It wrote:\n${log.trim()}`,
        );
      }
      await sleep(50);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { pid, log: () => log, kill, stop };
}
