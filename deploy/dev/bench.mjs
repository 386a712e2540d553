// npm run bench -- NAME [options]: installs, builds, installs the servers that are compared with, measures.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { requireNode } from './node-version.mjs';
import { ROOT } from './paths.mjs';
import { endOnSignals, start } from './processes.mjs';
import { script } from './step.mjs';
import { requireSystem } from './system-packages.mjs';

await script(async () => {
  requireNode();
  endOnSignals();
  await install();
  await build();
  const needs = JSON.parse(await readFile(join(ROOT, 'bench', 'system-needs.json'), 'utf8'));
  for (const name of process.argv.slice(2)) if (Object.hasOwn(needs, name)) await requireSystem(needs[name]);
  const { code } = await start(process.execPath, ['bench/dist/cli.js', ...process.argv.slice(2)]).ended;
  return code ?? 1;
});
