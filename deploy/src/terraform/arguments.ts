import { type TerraformModule, type Tree, tree, trees } from './module.js';

/** What a field of a resource takes. */
export interface FieldFact {
  readonly type?: 'string' | 'number' | 'bool' | 'list' | 'map' | 'any';
  readonly block?: Readonly<Record<string, FieldFact>>;
  readonly required?: boolean;
}

export interface ResourceFacts {
  readonly arguments: Readonly<Record<string, FieldFact>>;
  readonly attributes: readonly string[];
}

/** `provider-facts.generated.json`: what a version of the provider takes and gives. */
export interface ProviderFacts {
  readonly provider: string;
  readonly version: string;
  readonly resources: Readonly<Record<string, ResourceFacts>>;
}

/** What Terraform itself takes in every resource. */
const META = new Set(['count', 'for_each', 'depends_on', 'provider', 'lifecycle', 'dynamic']);
const TYPE_OF = { string: 'string', number: 'number', boolean: 'bool' } as const;

/** The facts of `digitalocean_vpc.pop` or `data.digitalocean_ssh_key.operator`; undefined: not a resource we know. */
export function factsOf(address: string, facts: ProviderFacts): ResourceFacts | undefined {
  const [, data = '', type = ''] = /^(data\.)?digitalocean_(\w+)\./.exec(address) ?? [];
  return facts.resources[data + type];
}

/** Arguments that a resource does not take, lacks or has of a wrong type; nothing where all is well. */
export function argumentProblems(module: TerraformModule, facts: ProviderFacts): string[] {
  return [...module.resources].flatMap(([address, block]) => {
    const known = factsOf(address, facts);
    if (known === undefined) return [`${address}: not a resource of ${facts.provider} that we have facts of`];
    return blockProblems(block, known.arguments).map((problem) => `${address}: ${problem}`);
  });
}

function blockProblems(block: Tree, known: Readonly<Record<string, FieldFact>>): string[] {
  const dynamic = tree(block.dynamic);
  const given = new Map([...Object.entries(block).filter(([key]) => !META.has(key))]);
  const missing = Object.entries(known)
    .filter(([key, { required }]) => required === true && !given.has(key) && !(key in dynamic))
    .map(([key]) => `${key} is missing`);
  return [
    ...missing,
    ...[...given].flatMap(([key, value]) => fieldProblems(key, value, known[key])),
    ...Object.entries(dynamic).flatMap(([key, blocks]) =>
      trees(blocks).flatMap(({ content }) => fieldProblems(key, content, known[key])),
    ),
  ];
}

function fieldProblems(key: string, value: unknown, fact: FieldFact | undefined): string[] {
  if (fact === undefined) return [`${key} is not an argument`];
  if (fact.block !== undefined) {
    if (!Array.isArray(value)) return [`${key} is a block, and is written without =`];
    const { block } = fact;
    return trees(value).flatMap((inner) =>
      blockProblems(inner, block).map((problem) => `${key}: ${problem}`),
    );
  }
  // What an expression comes to is known only to Terraform.
  if (typeof value === 'string' && value.includes('${')) return [];
  return typeFits(value, fact) ? [] : [`${key} is not of type ${fact.type}`];
}

function typeFits(value: unknown, { type }: FieldFact): boolean {
  if (type === 'list') return Array.isArray(value);
  if (type === 'map') return typeof value === 'object' && !Array.isArray(value);
  if (type === 'any' || type === undefined) return true;
  const found = TYPE_OF[typeof value as keyof typeof TYPE_OF];
  // Terraform makes text of numbers by itself, and nothing else.
  return found === type || (type === 'string' && found === 'number');
}
