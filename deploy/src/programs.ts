import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The full path of a program in PATH, or undefined. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, name);
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return undefined;
}

/** What a checking program says: both streams together, and whether it was content. */
export async function verdict(
  program: string,
  args: readonly string[],
): Promise<{ ok: boolean; says: string }> {
  try {
    const { stdout, stderr } = await run(program, [...args]);
    return { ok: true, says: stdout + stderr };
  } catch (error) {
    if (!(error instanceof Error) || !('stdout' in error) || !('stderr' in error)) throw error;
    return { ok: false, says: `${String(error.stdout)}${String(error.stderr)}` };
  }
}
