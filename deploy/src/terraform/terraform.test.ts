import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEPLOY } from '../paths.js';
import { argumentProblems, type ProviderFacts } from './arguments.js';
import { formatProblems } from './format.js';
import { parseModule, readFolder, type TerraformModule } from './module.js';
import { referenceProblems } from './references.js';

const ROOT = join(DEPLOY, 'terraform');
const FOLDERS = ['.', './modules/bucket', './modules/cluster', './modules/edges'];
const facts: ProviderFacts = JSON.parse(await readFile(join(ROOT, 'provider-facts.generated.json'), 'utf8'));

const files = new Map<string, Map<string, string>>();
const modules = new Map<string, TerraformModule>();
beforeAll(async () => {
  for (const folder of FOLDERS) {
    const found = await readFolder(join(ROOT, folder));
    files.set(folder, found);
    modules.set(folder, await parseModule(folder, found));
  }
});

function problemsOf(module: TerraformModule): string[] {
  return [
    ...argumentProblems(module, facts),
    ...referenceProblems(module, facts, (source) => modules.get(source)),
  ];
}

describe.each(FOLDERS)('terraform/%s', (folder) => {
  it('names only what is there, with arguments that the provider takes', () => {
    const module = modules.get(folder);
    expect(module?.variables.size).toBeGreaterThan(2);
    expect(module === undefined ? ['nothing there'] : problemsOf(module)).toEqual([]);
  });

  it('is written as `terraform fmt` would', () => {
    for (const [name, text] of files.get(folder) ?? []) expect(formatProblems(text), name).toEqual([]);
  });
});

it('the example gives variables that there are', async () => {
  const text = await readFile(join(ROOT, 'example.tfvars'), 'utf8');
  expect(formatProblems(text)).toEqual([]);
  const variables = modules.get('.')?.variables;
  const given = [...text.matchAll(/^(\w+)\s*=/gm)].map(([, name = '']) => name);
  expect(given.filter((name) => variables?.has(name) !== true)).toEqual([]);
  expect(given.length).toBeGreaterThan(4);
});

describe('a mistake', () => {
  it.each<[string, string, string, string, RegExp]>([
    [
      'an argument that is not',
      './modules/edges',
      'graceful_shutdown',
      'gracefull',
      /gracefull is not an argument/,
    ],
    [
      'a missing argument',
      './modules/edges',
      '  size              = var.size\n',
      '',
      /edge: size is missing/,
    ],
    [
      'a wrong type',
      './modules/edges',
      'size_unit             = 2',
      'size_unit = true',
      /size_unit is not of type number/,
    ],
    [
      'a nested argument',
      './modules/bucket',
      'expose_headers ',
      'exposed_headers',
      /cors_rule: exposed_headers is not/,
    ],
    ['a missing nested one', './modules/bucket', 'permission = "read"\n', '', /grant: permission is missing/],
    ['a block as a value', './modules/bucket', 'versioning {', 'versioning = {', /versioning is a block/],
    [
      'a dynamic block',
      './modules/cluster',
      'dynamic "taint"',
      'dynamic "taints"',
      /taints is not an argument/,
    ],
    [
      'another resource',
      './modules/cluster',
      '"digitalocean_kubernetes_node_pool"',
      '"digitalocean_node_pool"',
      /not a resource/,
    ],
    [
      'an unknown variable',
      './modules/edges',
      'var.edge_count',
      'var.edges',
      /no variable edges[\s\S]*nobody uses var\.edge_count/,
    ],
    ['an unknown local', './modules/edges', 'local.addresses', 'local.address', /no local address/],
    [
      'an unknown resource',
      './modules/edges',
      'digitalocean_tag.edge.name',
      'digitalocean_tag.edges.name',
      /no digitalocean_tag\.edges/,
    ],
    [
      'an unknown attribute',
      './modules/edges',
      '].ipv6_address',
      '].ipv6_addres',
      /edge has no ipv6_addres\b/,
    ],
    [
      'a module call without',
      '.',
      '  vpc_range     = each.value.ip_range\n',
      '',
      /module edges: vpc_range is missing/,
    ],
    ['a module call with more', '.', 'edge_count   ', 'edges_count  ', /edges_count is not a variable/],
    ['an output of a module', '.', 'module.bucket.endpoint', 'module.bucket.url', /bucket has no output url/],
    ['a module that is not', '.', './modules/bucket', './modules/buckets', /nothing at \.\/modules\/buckets/],
    [
      'no description',
      './modules/bucket',
      'description = "A region that has Spaces."\n',
      '',
      /region has no description/,
    ],
  ])('would be caught: %s', async (_, folder, from, to, problem) => {
    const before = files.get(folder) ?? new Map<string, string>();
    expect([...before.values()].join('\n')).toContain(from);
    const after = new Map([...before].map(([name, text]) => [name, text.replaceAll(from, to)]));
    expect(problemsOf(await parseModule(folder, after)).join('\n')).toMatch(problem);
  });

  it('would be caught: what is not HCL', async () => {
    await expect(parseModule('.', new Map([['main.tf', 'resource "a" {']]))).rejects.toThrow();
  });

  it.each([
    ['indented by three', 'a {\n   b = 1\n}\n', /line 2: is indented/],
    ['out of column', 'a {\n  b = 1\n  long = 2\n}\n', /line 2: = is not/],
    ['blanks at the end', 'a = 1 \n', /ends in blanks/],
    ['two blank lines', 'a = 1\n\n\nb = 2\n', /second blank line/],
    ['an open bracket', 'a {\n  b = 1\n', /do not close/],
  ])('would be caught: %s', (_, text, problem) => {
    expect(formatProblems(text).join('\n')).toMatch(problem);
  });
});
