import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import { type LoadResult, parseWrk } from './wrk-report.js';
import { wrkScript } from './wrk-script.js';

/** wrk is ended this long after the time it was given. */
const GRACE_MS = 15_000;

/** Each thread in turn from the first, or at random. */
export type LoadOrder = 'in-turn' | 'random';

export interface Load {
  readonly url: string;
  readonly paths: readonly string[];
  /** Default: in turn. */
  readonly order?: LoadOrder;
  readonly connections: number;
  readonly threads: number;
  /** Whole seconds. */
  readonly seconds: number;
}

/** Puts a load on `load.url` and returns what wrk saw. `folder` is for the script. */
export async function runWrk(
  { wrk, folder, signal }: { readonly wrk: string; readonly folder: string; readonly signal: AbortSignal },
  load: Load,
): Promise<LoadResult> {
  const script = join(folder, 'load.lua');
  await writeFile(script, wrkScript(load.paths, load.order));
  const target = new URL(load.paths[0] ?? '/', load.url);
  const args = [
    `-t${load.threads}`,
    `-c${load.connections}`,
    `-d${load.seconds}s`,
    '-s',
    script,
    target.href,
  ];
  const bound = AbortSignal.any([signal, AbortSignal.timeout(load.seconds * 1000 + GRACE_MS)]);
  const child = spawn(wrk, args, { stdio: ['ignore', 'pipe', 'pipe'], signal: bound, killSignal: 'SIGKILL' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => {
      reject(
        signal.aborted
          ? signal.reason
          : new BenchError('load-failed', `wrk did not end by itself: ${cause.message}`, { cause }),
      );
    });
    child.once('close', resolve);
  });
  if (code !== 0) throw new BenchError('load-failed', `wrk ended with code ${code}:\n${output.trim()}`);
  return parseWrk(output);
}
