// node deploy/terraform/facts.mjs FOLDER RESOURCE... > deploy/terraform/provider-facts.generated.json
// What the provider's resources take and give, from the npm package @cdktf/provider-digitalocean unpacked in FOLDER
// (`npm pack` it; it is no dependency, since only these facts of it are used). RESOURCE is as `spaces_bucket` or
// `data.vpc`.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const [folder = '', ...resources] = process.argv.slice(2);
if (resources.length === 0) {
  console.error('Say where the package is and which resources: node facts.mjs FOLDER spaces_bucket data.vpc');
  process.exit(2);
}

const PROPERTY = /#(\w+) \w+#\w+\}[\s\S]*?\*\/\s*readonly (\w+)(\??): ([^;]+);/g;
const SIMPLE = {
  string: 'string',
  number: 'number',
  boolean: 'bool',
  'string[]': 'list',
  'number[]': 'list',
};

/** The type of a field, or the fields of a nested block. */
function typeOf(text, bodies) {
  const plain = text.replace(' | cdktf.IResolvable', '');
  if (SIMPLE[plain] !== undefined) return { type: SIMPLE[plain] };
  if (plain.startsWith('{')) return { type: 'map' };
  const body = bodies.get(plain.replace('[]', ''));
  return body === undefined ? { type: 'any' } : { block: fieldsOf(body, bodies) };
}

function fieldsOf(body, bodies) {
  const fields = {};
  for (const [, snake, , optional, type] of body.matchAll(PROPERTY)) {
    fields[snake] = { ...typeOf(type, bodies), ...(optional === '?' ? {} : { required: true }) };
  }
  return fields;
}

function argumentsOf(declarations) {
  const found = [...declarations.matchAll(/export interface (\w+)[^{]*\{\n([\s\S]*?)\n\}/g)];
  const bodies = new Map(found.map(([, name, body]) => [name, body]));
  return fieldsOf([...bodies].find(([name]) => name.endsWith('Config'))?.[1] ?? '', bodies);
}

const facts = {};
for (const resource of resources) {
  const kind = resource.replace('data.', 'data_digitalocean_').replaceAll('_', '-');
  const declarations = await readFile(join(folder, 'lib', kind, 'index.d.ts'), 'utf8');
  const code = await readFile(join(folder, 'lib', kind, 'index.js'), 'utf8');
  const given = [...code.matchAll(/get\w+Attribute\('(\w+)'\)|this, "(\w+)"/g)].map(([, a, b]) => a ?? b);
  facts[resource] = { arguments: argumentsOf(declarations), attributes: [...new Set(given)].sort() };
}
const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
const of = /digitalocean\/([\d.]+)\/docs/.exec(
  await readFile(join(folder, 'lib', 'vpc', 'index.d.ts'), 'utf8'),
)?.[1];
// A resource a line, so that what an upgrade changes can be read.
const lines = Object.entries(facts).map(([name, fact]) => `${JSON.stringify(name)}:${JSON.stringify(fact)}`);
const head = JSON.stringify({ provider: 'digitalocean/digitalocean', version: of, package: version });
console.log(`${head.slice(0, -1)},"resources":{\n${lines.join(',\n')}\n}}`);
