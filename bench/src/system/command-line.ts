import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../', import.meta.url);

/** Where the commands of this repository live; they need to be built. */
export const EDGE_BIN: string = fileURLToPath(new URL('edge/bin/eddy-edge.js', ROOT));
export const ORIGIN_BIN: string = fileURLToPath(new URL('origin/bin/eddy-origin.js', ROOT));

export interface Outcome {
  /** 0 where it did what was asked; null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Default: 120,000. Over it the program is killed and `code` is null. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end, whatever that is. Throws only where it cannot be started. */
export function runToEnd(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const { env, cwd, timeoutMs = 120_000 } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      [...args],
      {
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: 256 * 1024 * 1024,
        env: { ...process.env, ...env },
        ...(cwd === undefined ? {} : { cwd }),
      },
      (error, stdout, stderr) => {
        if (child.pid === undefined) reject(error);
        else resolve({ code: child.exitCode, stdout, stderr });
      },
    );
  });
}

/** Runs a program that has to succeed and returns what it printed. Throws with what it complained about. */
export async function mustRun(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await runToEnd(command, args, options);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${(stderr || stdout).slice(-4_000)}`);
}
