import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { RuleFile } from './monitoring.js';

/** The rules that Prometheus reads from a folder; none where there is no such folder. */
export async function readRules(folder: string): Promise<RuleFile[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => /\.ya?ml$/.test(name)).sort();
  const read = await Promise.all(
    files.map(async (file) => {
      const document: unknown = parse(await readFile(join(folder, file), 'utf8'));
      const groups =
        typeof document === 'object' && document !== null && 'groups' in document ? document.groups : [];
      return {
        name: file.replace(/\.ya?ml$/, '').replace(/[^a-z0-9]+/g, '-'),
        groups: Array.isArray(groups) ? groups : [],
      };
    }),
  );
  // A file of unit tests for rules has no groups.
  return read.filter(({ groups }) => groups.length > 0);
}
