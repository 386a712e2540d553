import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pack } from './pack.mjs';
import { checkVersion, sourceDate } from './release-version.mjs';

const exec = promisify(execFile);

let work;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'eddy-pack-'));
});
afterEach(() => rm(work, { recursive: true, force: true }));

async function staged(name, files, { mode, date }) {
  const folder = join(work, name);
  await mkdir(join(folder, 'bin'), { recursive: true });
  for (const [path, text] of files) {
    await writeFile(join(folder, path), text);
    await chmod(join(folder, path), mode);
    await utimes(join(folder, path), date, date);
  }
  return folder;
}

const FILES = [
  ['b', 'two'],
  ['bin/a', 'one'],
];

it('packs the same files into the same bytes, whoever wrote them and when', async () => {
  const one = await staged('one', FILES, { mode: 0o644, date: new Date(0) });
  const other = await staged('other', FILES.toReversed(), { mode: 0o600, date: new Date() });
  const different = await staged('different', [['b', 'twO']], { mode: 0o644, date: new Date(0) });
  const sums = [];
  for (const folder of [one, other, different]) {
    const file = `${folder}.tar.gz`;
    sums.push(await pack({ folder, name: 'eddy-1', file, dateSeconds: 1_700_000_000 }));
  }
  expect(sums[1]).toBe(sums[0]);
  expect(sums[2]).not.toBe(sums[0]);
  const { stdout } = await exec('tar', ['-tzf', join(work, 'one.tar.gz')]);
  expect(stdout.split('\n').filter(Boolean)).toEqual(['eddy-1/', 'eddy-1/b', 'eddy-1/bin/', 'eddy-1/bin/a']);
});

it('writes a checksum that sha256sum takes, and that tells a broken copy', async () => {
  const folder = await staged('one', FILES, { mode: 0o644, date: new Date(0) });
  const file = join(work, 'eddy.tar.gz');
  await pack({ folder, name: 'eddy-1', file, dateSeconds: 0 });
  const check = () => exec('sha256sum', ['--check', 'eddy.tar.gz.sha256'], { cwd: work });
  await expect(check()).resolves.toMatchObject({ stdout: 'eddy.tar.gz: OK\n' });
  const bytes = await readFile(file);
  bytes[bytes.length - 1] ^= 1;
  await writeFile(file, bytes);
  await expect(check()).rejects.toThrow();
});

it.each(['../etc', '', '-v', 'a b', `x${'y'.repeat(64)}`])('takes no %j for a version', (version) => {
  expect(() => checkVersion(version)).toThrow(/cannot be a version/);
});

it('dates a release by SOURCE_DATE_EPOCH where it is given', async () => {
  expect(checkVersion('3f2a91c0d1e2-dirty')).toBe('3f2a91c0d1e2-dirty');
  expect(await sourceDate({ SOURCE_DATE_EPOCH: '1700000000' })).toBe(1_700_000_000);
});
