import { readFile } from 'node:fs/promises';
import type { SystemNeed } from './process/commands.js';

/** In JSON beside the code, so that what installs packages can read it before anything is built. */
const FILE = new URL('../system-needs.json', import.meta.url);

function isNeed(value: unknown): value is SystemNeed {
  if (typeof value !== 'object' || value === null) return false;
  const { command, debianPackage } = value as Record<string, unknown>;
  return typeof command === 'string' && typeof debianPackage === 'string';
}

/** The programs of the system that a bench measures or measures with. */
export async function systemNeeds(bench: string): Promise<SystemNeed[]> {
  const all: unknown = JSON.parse(await readFile(FILE, 'utf8'));
  const needs: unknown = typeof all === 'object' && all !== null ? Reflect.get(all, bench) : undefined;
  if (!Array.isArray(needs) || !needs.every(isNeed)) {
    throw new TypeError(`bench/system-needs.json has no list of commands for ${bench}`);
  }
  return needs;
}
