import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cruise, format } from 'dependency-cruiser';
import { ROOT } from './paths.mjs';
import { script, Trouble } from './step.mjs';

/** Every folder that holds code under the rules. */
const LAYERS = [
  'player-sdk/protocol/src',
  'player-sdk/src',
  'origin/src',
  'edge/src',
  'bench/src',
  'deploy/src',
];
const SOURCE = /\.m?tsx?$/;

async function sourcesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && SOURCE.test(entry.name)).length;
}

/**
 * What a cruise has to have seen to mean anything: every source file of every layer, and arrows to the protocol
 * from each layer above it. Returns what was missed.
 */
export function missedBy(modules, expected) {
  const missed = [];
  for (const [layer, count] of Object.entries(expected)) {
    const seen = modules.filter(({ source }) => source.startsWith(`${layer}/`) && SOURCE.test(source));
    if (count === 0) missed.push(`${layer} holds no source files`);
    else if (seen.length < count) missed.push(`${layer}: ${seen.length} of ${count} files were seen`);
    if (/protocol/.test(layer) || seen.length === 0) continue;
    const arrows = seen.flatMap(({ dependencies }) => dependencies).length;
    if (arrows === 0) missed.push(`${layer}: no import was understood`);
  }
  return missed;
}

/** Checks the layers below `root`. Returns how many files were seen; throws Trouble with every violation. */
export async function checkLayers({ root = ROOT, layers = LAYERS } = {}) {
  const { default: config } = await import(pathToFileURL(join(ROOT, '.dependency-cruiser.mjs')).href);
  const { forbidden, options } = config;
  const expected = {};
  for (const layer of layers) expected[layer] = await sourcesBelow(join(root, layer)).catch(() => 0);
  const there = layers.filter((layer) => expected[layer] > 0);
  const { output } = await cruise(
    there,
    { ...options, baseDir: root, validate: true, ruleSet: { forbidden } },
    options.enhancedResolveOptions,
  );
  const missed = missedBy(output.modules, expected);
  if (missed.length > 0) throw new Trouble(`the layer rules checked too little:\n  ${missed.join('\n  ')}`);
  if (output.summary.error > 0)
    throw new Trouble((await format(output, { outputType: 'err' })).output.trim());
  return output.modules.filter(({ source }) => layers.some((layer) => source.startsWith(`${layer}/`))).length;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await script(async () => console.log(`${await checkLayers()} files keep to their layers`));
}
