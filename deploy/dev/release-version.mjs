import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ROOT } from './paths.mjs';
import { Trouble } from './step.mjs';

const exec = promisify(execFile);

/** It becomes the name of a folder on every host, and a label of a metric. */
const VERSION = /^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/;

export function checkVersion(version) {
  if (VERSION.test(version)) return version;
  throw new Trouble(
    `"${version}" cannot be a version: it names a folder on every host, so take up to 64 letters, digits,\n` +
      'dots, dashes and underscores, beginning with a letter or digit. A commit is a good one.',
  );
}

async function git(...args) {
  const { stdout } = await exec('git', args, { cwd: ROOT }).catch((cause) => {
    throw new Trouble('This is no git checkout: name the version yourself with --version', { cause });
  });
  return stdout.trim();
}

/** The commit that is checked out; `-dirty` where files differ from it. */
export async function currentVersion() {
  const commit = await git('rev-parse', '--short=12', 'HEAD');
  return (await git('status', '--porcelain')) === '' ? commit : `${commit}-dirty`;
}

/** What all files of a release are dated: SOURCE_DATE_EPOCH, else the commit's time, in seconds since the epoch. */
export async function sourceDate(env = process.env) {
  const given = env.SOURCE_DATE_EPOCH;
  if (given !== undefined && /^\d{1,12}$/.test(given)) return Number(given);
  return await git('log', '-1', '--format=%ct').then(Number, () => 0);
}
