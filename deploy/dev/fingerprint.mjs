import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ROOT } from './paths.mjs';

const IGNORED = new Set(['node_modules', 'dist', '.git', 'coverage']);

async function* filesBelow(path) {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return;
  if (info.isFile()) {
    yield `${path} ${info.size} ${info.mtimeMs}`;
    return;
  }
  for (const entry of (await readdir(path)).sort()) {
    if (!IGNORED.has(entry) && !entry.endsWith('.tsbuildinfo')) yield* filesBelow(join(path, entry));
  }
}

/** One word for the state of some files and folders: it changes when a file is edited, added or removed. */
export async function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of paths) for await (const line of filesBelow(join(ROOT, path))) hash.update(`${line}\n`);
  return hash.digest('hex');
}

/**
 * Does `work` unless it was done for the same `inputs` before and all `outputs` are still there.
 * `state` is the folder that remembers.
 * Returns whether it did.
 */
export async function unlessUpToDate({ name, inputs, outputs, state = join(ROOT, '.eddy') }, work) {
  const file = join(state, 'up-to-date', name);
  const now = await fingerprint(inputs);
  const before = await readFile(file, 'utf8').catch(() => '');
  const there = await Promise.all(
    outputs.map((path) =>
      stat(resolve(ROOT, path)).then(
        () => true,
        () => false,
      ),
    ),
  );
  if (before === now && !there.includes(false)) return false;
  await work();
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, now);
  return true;
}
