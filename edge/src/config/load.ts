import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { ConfigError } from './config-error.js';
import type { EdgeConfig } from './edge-config.js';
import { checkSettings, parseEdgeConfig } from './schema.js';
import { CONFIG_ENV, FOREIGN_ENV, SETTINGS } from './settings.js';

export interface ConfigSources {
  /** YAML or JSON. Default: the variable EDDY_CONFIG, else none. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By their camel-case names, such as `cacheMemory`. */
  readonly flags: Readonly<Record<string, unknown>>;
}

type Tree = Record<string, unknown>;

/**
 * File, then environment, then flags; the later one wins, setting by setting. `dataDir` becomes absolute.
 *
 * @throws ConfigError with every problem found.
 */
export function loadConfig({ file, env, flags }: ConfigSources): EdgeConfig {
  const path = file ?? env[CONFIG_ENV];
  const tree = path === undefined ? {} : readConfigFile(path);
  const unknown = Object.keys(env).filter(isUnknownVariable);
  if (unknown.length > 0) {
    throw new ConfigError(unknown.map((name) => `${name} is not a variable that eddy-edge knows`));
  }
  for (const { path: setting, env: name, flag } of SETTINGS) {
    const given = (flag === undefined ? undefined : flags[flag]) ?? env[name];
    if (given !== undefined) place(tree, setting, given);
  }
  const config = parseEdgeConfig(tree);
  return { ...config, dataDir: resolve(config.dataDir) };
}

/** What `eddy-edge check-config FILE` does. Gives what works and is hardly meant. @throws ConfigError with every problem found. */
export function checkConfigFile(path: string): readonly string[] {
  return checkSettings(readConfigFile(path));
}

function isUnknownVariable(name: string): boolean {
  if (!name.startsWith('EDDY_') || name === CONFIG_ENV || FOREIGN_ENV.test(name)) return false;
  return !SETTINGS.some(({ env }) => env === name);
}

/** JSON is YAML, so one parser reads both; it refuses duplicate keys and names line and column. */
function readConfigFile(path: string): Tree {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw new ConfigError([`${path}: ${error instanceof Error ? error.message : String(error)}`]);
  }
  if (value === null || value === undefined) return {};
  if (!isTree(value)) throw new ConfigError([`${path} does not hold a mapping of settings`]);
  return value;
}

function place(tree: Tree, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const below = tree[head] ?? {};
  // A file that put text where settings belong: left for the schema to name.
  if (!isTree(below)) return;
  tree[head] = below;
  place(below, rest, value);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
