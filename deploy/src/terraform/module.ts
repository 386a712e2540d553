import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from '@cdktf/hcl2json';

/** HCL as JSON: blocks are lists, expressions are text with `${…}` around them. */
export type Tree = Record<string, unknown>;

/** One folder of Terraform files. */
export interface TerraformModule {
  readonly folder: string;
  readonly variables: ReadonlyMap<string, Tree>;
  readonly outputs: ReadonlyMap<string, Tree>;
  readonly locals: ReadonlyMap<string, unknown>;
  /** By address: `digitalocean_vpc.pop`, `data.digitalocean_ssh_key.operator`. */
  readonly resources: ReadonlyMap<string, Tree>;
  readonly calls: ReadonlyMap<string, Tree>;
  readonly terraform: readonly Tree[];
}

export function tree(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function trees(value: unknown): Tree[] {
  return Array.isArray(value) ? value.map(tree) : [];
}

/** The files of a folder and their text. */
export async function readFolder(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.tf')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return new Map(names.map((name, index) => [name, texts[index] ?? '']));
}

/** Parsing is slow, and most files of a changed module are as before. */
const parsedTexts = new Map<string, Promise<Tree>>();

function parseText(name: string, text: string): Promise<Tree> {
  const found = parsedTexts.get(text) ?? parse(name, text).then(tree);
  parsedTexts.set(text, found);
  return found;
}

/** @throws Error where a file is not HCL, with line and column. */
export async function parseModule(
  folder: string,
  files: ReadonlyMap<string, string>,
): Promise<TerraformModule> {
  const parsed = await Promise.all([...files].map(([name, text]) => parseText(name, text)));
  const all = (key: string): [string, Tree][] =>
    parsed.flatMap((file) =>
      Object.entries(tree(file[key])).flatMap(([name, blocks]) =>
        trees(blocks).map((block): [string, Tree] => [name, block]),
      ),
    );
  const addressed = (key: 'resource' | 'data'): [string, Tree][] =>
    parsed.flatMap((file) =>
      Object.entries(tree(file[key])).flatMap(([type, named]) =>
        Object.entries(tree(named)).flatMap(([name, blocks]) =>
          trees(blocks).map((block): [string, Tree] => [
            `${key === 'data' ? 'data.' : ''}${type}.${name}`,
            block,
          ]),
        ),
      ),
    );
  return {
    folder,
    variables: new Map(all('variable')),
    outputs: new Map(all('output')),
    locals: new Map(parsed.flatMap((file) => trees(file.locals).flatMap((block) => Object.entries(block)))),
    resources: new Map([...addressed('resource'), ...addressed('data')]),
    calls: new Map(all('module')),
    terraform: parsed.flatMap((file) => trees(file.terraform)),
  };
}

/** Every text in a tree, expressions and names alike. */
export function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}
