import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { BenchError } from '../errors.js';

/** A program of the system, and the Debian package that brings it. */
export interface SystemNeed {
  readonly command: string;
  readonly debianPackage: string;
}

/** Servers live in sbin, which is not in everybody's PATH. */
const SBIN = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The full path of a command, or undefined where it is not installed. */
export async function findCommand(command: string): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...SBIN];
  for (const folder of folders) {
    const path = join(folder, command);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** The paths of all commands by name. Throws BenchError `command-missing` with what to install. */
export async function requireCommands(needs: readonly SystemNeed[]): Promise<(command: string) => string> {
  const found = new Map<string, string>();
  const missing: SystemNeed[] = [];
  for (const need of needs) {
    const path = await findCommand(need.command);
    if (path === undefined) missing.push(need);
    else found.set(need.command, path);
  }
  if (missing.length > 0) {
    const names = missing.map(({ command }) => command).join(', ');
    const packages = missing.map(({ debianPackage }) => debianPackage).join(' ');
    throw new BenchError(
      'command-missing',
      `not installed: ${names}. On Debian, as root: apt-get install ${packages}`,
    );
  }
  return (command) => {
    const path = found.get(command);
    if (path === undefined)
      throw new BenchError('command-missing', `${command} is not among what this bench needs`);
    return path;
  };
}

const run = promisify(execFile);

/** What a command prints, both streams together. Throws where it fails. */
export async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(command, [...args]);
  return stdout + stderr;
}
