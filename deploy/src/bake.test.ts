import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from '@cdktf/hcl2json';
import { describe, expect, it } from 'vitest';
import { DEPLOY, REPOSITORY } from './paths.js';
import { formatProblems } from './terraform/format.js';
import { type Tree, texts, tree, trees } from './terraform/module.js';

const text = await readFile(join(DEPLOY, 'container', 'bake.hcl'), 'utf8');
const dockerfile = await readFile(join(DEPLOY, 'container', 'Dockerfile'), 'utf8');
const TARGET_KEYS = new Set(
  'context dockerfile platforms tags args attest output inherits labels cache-from cache-to'.split(' '),
);

/** What is wrong with a bake file that can be told without buildx. */
async function problems(source: string): Promise<string[]> {
  const file = tree(await parse('bake.hcl', source));
  const targets = Object.entries(tree(file.target)).flatMap(([name, blocks]) =>
    trees(blocks).map((block): [string, Tree] => [name, block]),
  );
  const known = new Set(targets.map(([name]) => name));
  const variables = new Set(Object.keys(tree(file.variable)));
  const taken = new Set([...dockerfile.matchAll(/^ARG (\w+)/gm)].map(([, name]) => name));
  taken.add('SOURCE_DATE_EPOCH'); // BuildKit's own.
  return targets.flatMap(([name, block]) => [
    ...Object.keys(block)
      .filter((key) => !TARGET_KEYS.has(key))
      .map((key) => `${name}: ${key} is no key`),
    ...Object.keys(tree(block.args))
      .filter((key) => !taken.has(key))
      .map((key) => `${name}: no ARG ${key}`),
    ...(Array.isArray(block.inherits) ? block.inherits : [])
      .filter((other) => !known.has(String(other)))
      .map((other) => `${name}: inherits ${String(other)}`),
    ...texts(block).flatMap((value) =>
      [...value.matchAll(/\$\{([A-Z_]+)\}/g)]
        .filter(([, variable = '']) => !variables.has(variable))
        .map(([, variable]) => `${name}: no variable ${variable}`),
    ),
    ...(typeof block.dockerfile === 'string' && !existsSync(join(REPOSITORY, block.dockerfile))
      ? [`${name}: no ${block.dockerfile}`]
      : []),
  ]);
}

describe('the bake file', () => {
  it('builds both architectures with arguments that the Dockerfile takes', async () => {
    expect(await problems(text)).toEqual([]);
    expect(formatProblems(text)).toEqual([]);
    const file = tree(await parse('bake.hcl', text));
    expect(trees(tree(file.target).eddy)[0]).toMatchObject({ platforms: ['linux/amd64', 'linux/arm64'] });
  });

  it.each([
    [
      'an argument that the Dockerfile has not',
      'REVISION          =',
      'REVSION           =',
      /no ARG REVSION/,
    ],
    ['a variable that is not', 'IMAGE}:', 'IMGE}:', /no variable IMGE/],
    ['a key that is not', 'platforms  =', 'platform   =', /platform is no key/],
    ['a target that is not', 'inherits  = ["eddy"]', 'inherits  = ["edy"]', /inherits edy/],
    ['a Dockerfile that is not', 'container/Dockerfile', 'containers/Dockerfile', /no deploy\/containers/],
  ])('would be caught with %s', async (_, from, to, problem) => {
    expect(text).toContain(from);
    expect((await problems(text.replace(from, to))).join('\n')).toMatch(problem);
  });
});
