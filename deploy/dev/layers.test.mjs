import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkLayers, missedBy } from './layers.mjs';

const LAYERS = ['player-sdk/protocol/src', 'player-sdk/src', 'origin/src', 'edge/src', 'bench/src'];

/** A house that keeps the rules. */
const GOOD = {
  'tsconfig.json': '{}',
  'player-sdk/protocol/src/index.ts': "export * from './words.js';",
  'player-sdk/protocol/src/words.ts': 'export const word = 1;',
  'player-sdk/src/index.ts': "export { word } from '@eddy/protocol';",
  'origin/src/index.ts': "export { word } from '@eddy/protocol';",
  'edge/src/index.ts': "export { word } from '@eddy/protocol';",
  'bench/src/index.ts': "export { word } from '../../edge/src/index.js';",
  'player-sdk/protocol/package.json': JSON.stringify({
    name: '@eddy/protocol',
    exports: { '.': { 'eddy-source': './src/index.ts', default: './dist/index.js' } },
  }),
  'node_modules/mp4box/package.json': JSON.stringify({ name: 'mp4box', exports: './index.js' }),
  'node_modules/mp4box/index.js': 'export const box = 1;',
  'node_modules/simple-peer/package.json': JSON.stringify({ name: 'simple-peer', exports: './index.js' }),
  'node_modules/simple-peer/index.js': 'export const peer = 1;',
};

let root;

async function house(files) {
  for (const [path, text] of Object.entries({ ...GOOD, ...files })) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await mkdir(join(root, 'node_modules/@eddy'));
  await symlink(join(root, 'player-sdk/protocol'), join(root, 'node_modules/@eddy/protocol'));
  return await checkLayers({ root, layers: LAYERS });
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'eddy-layers-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('passes a house that keeps the rules, and says how much it saw', async () => {
  expect(await house({})).toBe(6);
});

it.each([
  ['edge-alone', { 'edge/src/bad.ts': "import '../../origin/src/index.js';" }],
  [
    'edge-alone',
    {
      'edge/src/bad.ts':
        "import type { word } from '../../player-sdk/src/index.js'; export type W = typeof word;",
    },
  ],
  ['origin-alone', { 'origin/src/bad.ts': "import '../../edge/src/index.js';" }],
  ['player-sdk-alone', { 'player-sdk/src/bad.ts': "import '../../bench/src/index.js';" }],
  ['protocol-imports-nothing', { 'player-sdk/protocol/src/bad.ts': "import 'node:fs';" }],
  ['protocol-imports-nothing', { 'player-sdk/protocol/src/bad.ts': "import '../../src/index.js';" }],
  ['mp4box-in-the-segmenter', { 'origin/src/bad.ts': "import 'mp4box';" }],
  ['mp4box-in-the-origin', { 'edge/src/bad.ts': "import 'mp4box';" }],
  ['simple-peer-in-its-transport', { 'player-sdk/src/bad.ts': "import 'simple-peer';" }],
  [
    'no-cycles',
    { 'edge/src/one.ts': "import './two.js'; export const a = 1;", 'edge/src/two.ts': "import './one.js';" },
  ],
  ['no-tests-in-code', { 'edge/src/a.test.ts': 'export {};', 'edge/src/bad.ts': "import './a.test.js';" }],
  ['resolvable', { 'edge/src/bad.ts': "import './nowhere.js';" }],
])('catches %s', async (rule, files) => {
  await expect(house(files)).rejects.toThrow(rule);
});

it('fails where a layer holds nothing', async () => {
  await expect(checkLayers({ root, layers: LAYERS })).rejects.toThrow(/edge\/src holds no source files/);
});

it('fails where the cruiser saw no files, or files without imports', () => {
  const expected = { 'edge/src': 2 };
  expect(missedBy([], expected)).toEqual(['edge/src: 0 of 2 files were seen']);
  const blind = ['a', 'b'].map((name) => ({ source: `edge/src/${name}.ts`, dependencies: [] }));
  expect(missedBy(blind, expected)).toEqual(['edge/src: no import was understood']);
});
