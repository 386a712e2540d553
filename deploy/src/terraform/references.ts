import { factsOf, type ProviderFacts } from './arguments.js';
import { type TerraformModule, texts, tree } from './module.js';

const REFERENCE =
  /(?<![\w.\]])(?:(var|local)\.(\w+)|module\.(\w+)(?:\[[^\]]*\])?(?:\.(\w+))?|(data\.)?(digitalocean_\w+)\.(\w+)(?:\[[^\]]*\])?(?:\.(\w+))?)/g;

/**
 * What is named and not there: variables, locals, resources and their attributes, modules, their outputs and
 * variables; and variables and locals that nobody uses. `called` gives the module that a call's source names.
 */
export function referenceProblems(
  module: TerraformModule,
  facts: ProviderFacts,
  called: (source: string) => TerraformModule | undefined,
): string[] {
  const used = new Set<string>();
  const wrong: string[] = [];
  for (const text of texts([...module.resources.values(), ...module.locals.values(), ...rest(module)])) {
    for (const found of text.matchAll(REFERENCE)) {
      const problem = problemOf(found, module, facts, called);
      if (problem !== undefined) wrong.push(problem);
      used.add(`${found[1]}.${found[2]}`);
    }
  }
  const unused = [
    ...[...module.variables.keys()].map((name) => `var.${name}`),
    ...[...module.locals.keys()].map((name) => `local.${name}`),
  ].filter((name) => !used.has(name));
  return [
    ...new Set(wrong),
    ...unused.map((name) => `nobody uses ${name}`),
    ...[...module.calls].flatMap(([name, call]) => callProblems(name, tree(call), called)),
    ...describedProblems(module),
  ];
}

/** A variable's own conditions name it, and do not count as use. */
function rest({ calls, outputs }: TerraformModule): unknown[] {
  return [...calls.values(), ...outputs.values()];
}

function problemOf(
  found: RegExpMatchArray,
  module: TerraformModule,
  facts: ProviderFacts,
  called: (source: string) => TerraformModule | undefined,
): string | undefined {
  const [, scope, name = '', call, output, data = '', type, resource, attribute] = found;
  if (scope === 'var') return module.variables.has(name) ? undefined : `there is no variable ${name}`;
  if (scope === 'local') return module.locals.has(name) ? undefined : `there is no local ${name}`;
  if (call !== undefined) {
    const target = called(String(module.calls.get(call)?.source));
    if (target === undefined) return `there is no module ${call}`;
    return output === undefined || target.outputs.has(output)
      ? undefined
      : `module ${call} has no output ${output}`;
  }
  const address = `${data}${type}.${resource}`;
  if (!module.resources.has(address)) return `there is no ${address}`;
  const known = factsOf(address, facts)?.attributes ?? [];
  return attribute === undefined || known.includes(attribute) ? undefined : `${address} has no ${attribute}`;
}

function callProblems(
  name: string,
  { source, for_each: _, count: __, providers: ___, depends_on: ____, ...given }: Record<string, unknown>,
  called: (source: string) => TerraformModule | undefined,
): string[] {
  const target = called(String(source));
  if (target === undefined) return [`module ${name}: there is nothing at ${String(source)}`];
  const missing = [...target.variables].filter(
    ([key, { default: usual }]) => usual === undefined && !(key in given),
  );
  const unknown = Object.keys(given).filter((key) => !target.variables.has(key));
  return [
    ...missing.map(([key]) => `module ${name}: ${key} is missing`),
    ...unknown.map((key) => `module ${name}: ${key} is not a variable of it`),
  ];
}

/** Who reads a plan or a README of a module has only these sentences. */
function describedProblems({ variables, outputs }: TerraformModule): string[] {
  const without = [...variables, ...outputs].filter(([, { description }]) => typeof description !== 'string');
  const untyped = [...variables].filter(([, { type }]) => type === undefined);
  return [
    ...without.map(([name]) => `${name} has no description`),
    ...untyped.map(([name]) => `${name} has no type`),
  ];
}
