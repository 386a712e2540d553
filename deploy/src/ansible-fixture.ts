import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEPLOY } from './paths.js';
import { findProgram, verdict } from './programs.js';

export const ANSIBLE: string = join(DEPLOY, 'ansible');
/** Under CI a missing program fails the test; elsewhere the test is skipped. */
const required = process.env.CI === 'true';

/** Whether tests of these programs are to be skipped here. */
export async function missing(...programs: readonly string[]): Promise<boolean> {
  const found = await Promise.all(programs.map((program) => findProgram(program)));
  return found.includes(undefined) && !required;
}

/** A copy of deploy/ansible (and of the unit that it takes) in which a mistake may be made. */
export interface Playbooks {
  readonly folder: string;
  /** Replaces text in a file; throws where it is not there, so that no test makes a mistake that is none. */
  readonly change: (file: string, from: string, to: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}

export async function copyPlaybooks(): Promise<Playbooks> {
  const home = await mkdtemp(join(tmpdir(), 'eddy-ansible-'));
  const folder = join(home, 'ansible');
  await cp(ANSIBLE, folder, { recursive: true });
  await cp(join(DEPLOY, 'systemd'), join(home, 'systemd'), { recursive: true });
  return {
    folder,
    change: async (file, from, to) => {
      const text = await readFile(join(folder, file), 'utf8');
      if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
      await writeFile(join(folder, file), text.replace(from, to));
    },
    remove: () => rm(home, { recursive: true, force: true }),
  };
}

/** What a program says of that folder, run in it. */
export function saysOf(
  { folder }: Pick<Playbooks, 'folder'>,
  program: string,
  args: readonly string[],
): Promise<{ readonly ok: boolean; readonly says: string }> {
  return verdict('env', ['-C', folder, 'ANSIBLE_NOCOLOR=1', 'NO_COLOR=1', program, ...args]);
}
