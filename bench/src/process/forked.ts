import { fork } from 'node:child_process';
import { once } from 'node:events';
import { BenchError } from '../errors.js';
import type { CommandLine } from '../system/netns.js';

export interface ForkOptions {
  readonly signal: AbortSignal;
  /** It is killed when it has said nothing by then. */
  readonly timeoutMs: number;
  /** Runs Node in it: a command line that ends with Node's own, such as `namespaced` gives. Default: Node itself. */
  readonly within?: CommandLine;
  /** How it is asked to end before its time; it has to heed it. Default: SIGKILL, which leaves no child of its own ended. */
  readonly killSignal?: NodeJS.Signals;
  /** Told of each message before the last. */
  readonly onMessage?: (message: unknown) => void;
}

/** What a child of {@link runForked} sends at its end. */
export interface ForkedResult<R> {
  readonly result: R;
}

function isResult<R>(message: unknown): message is ForkedResult<R> {
  return typeof message === 'object' && message !== null && 'result' in message;
}

/**
 * Runs a client of ours as a process of its own (a server under test must not wait for our origin's event loop),
 * hands it `plan` and returns what it sends back. Both ends are ours: `R` is what the file named answers with.
 */
export async function runForked<R>(file: URL, plan: unknown, options: ForkOptions): Promise<R> {
  const { signal, timeoutMs, onMessage, killSignal = 'SIGKILL' } = options;
  const { command, args } = options.within ?? { command: process.execPath, args: [] };
  signal.throwIfAborted();
  const child = fork(file, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    execPath: command,
    execArgv: [...args, '--max-semi-space-size=64'],
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    killSignal,
    // A group of its own, so that what it started can be ended after it, however it ended.
    detached: true,
  });
  let log = '';
  let result: ForkedResult<R> | undefined;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4000);
  });
  child.on('message', (message) => {
    if (isResult<R>(message)) result = message;
    else onMessage?.(message);
  });
  child.send({ plan });
  await new Promise<void>((resolve, reject) => {
    child.once('error', (cause) => {
      const late = new BenchError('load-failed', `${file.pathname} did not end by itself: ${cause.message}`, {
        cause,
      });
      reject(signal.aborted ? signal.reason : late);
    });
    child.once('exit', () => resolve());
  });
  endGroup(child.pid);
  // A busy machine may tell of the end before it hands out what was sent last.
  if (child.connected) await once(child, 'disconnect');
  if (result === undefined) {
    const how = child.signalCode ?? `code ${child.exitCode}`;
    throw new BenchError('load-failed', `${file.pathname} ended without a result (${how}):\n${log}`);
  }
  return result.result;
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

/** The other end: waits for its plan, does the work, sends the result and ends. */
export function serveForked<P, R>(work: (plan: P, tell: (message: unknown) => void) => Promise<R>): void {
  process.once('message', (message: { readonly plan: P }) => {
    work(message.plan, (told) => process.send?.(told)).then(
      (result) => process.send?.({ result }, () => process.disconnect()),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`, () =>
          process.exit(1),
        );
      },
    );
  });
}
