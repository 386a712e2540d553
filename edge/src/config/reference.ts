import { z } from 'zod';
import { SETTINGS_SCHEMA } from './schema.js';
import { SETTINGS } from './settings.js';

/** A setting as the reference shows it. */
export interface ReferenceEntry {
  /** `cache.rules[].freshMs`: `[]` is each item of a list. */
  readonly path: string;
  /** What a value is, in words. */
  readonly type: string;
  /** As it may be written, or words; `required` where its part of the file must have it; undefined: none. */
  readonly default: string | undefined;
  /** Undefined: nobody has described it. */
  readonly description: string | undefined;
  readonly env: string | undefined;
  readonly flag: string | undefined;
}

type Schema = z.core.$ZodType;

interface Meta {
  readonly description?: string | undefined;
  readonly what?: string;
  readonly default?: string;
}

/** Every setting of the schema, in its order. */
export function settingsReference(): ReferenceEntry[] {
  const entries: ReferenceEntry[] = [];
  const placeOf = new Map<Schema, string>();

  const add = (path: string, meta: Meta, type: string, usual: unknown): void => {
    const name = path.replaceAll('[]', '');
    const setting = path.includes('[]') ? undefined : SETTINGS.find((known) => known.path.join('.') === name);
    entries.push({
      ...{ path, type, description: meta.description, env: setting?.env },
      default: meta.default ?? written(path, usual),
      flag: setting?.flag?.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    });
  };

  const visit = (path: string, given: Schema, above: Meta = {}, usual?: unknown): void => {
    const meta: Meta = { ...metaOf(given), ...above };
    const { def } = (given as z.core.$ZodTypes)._zod;
    if (def.type === 'prefault') visit(path, def.innerType, meta, def.defaultValue);
    else if (def.type === 'optional') visit(path, def.innerType, meta, null);
    else {
      const inside = meta.what === undefined ? objectIn(given) : undefined;
      if (inside?.beside !== undefined) add(path, meta, inside.beside, usual);
      if (inside === undefined) add(path, meta, typeOf(given, meta), usual);
      else visitObject(path + inside.prefix, inside.object);
    }
  };
  const visitObject = (path: string, object: z.core.$ZodObject): void => {
    const before = placeOf.get(object);
    if (before !== undefined) {
      add(`${path}.*`, { description: `As \`${before}.*\`` }, 'settings', null);
      return;
    }
    placeOf.set(object, path);
    const settings = Object.entries(object._zod.def.shape);
    // What sites may say again is described where all sites have it.
    settings.sort(([one], [other]) => Number(one === 'sites') - Number(other === 'sites'));
    for (const [key, value] of settings) {
      visit(path === '' ? key : `${path}.${key}`, value);
    }
  };
  visit('', SETTINGS_SCHEMA);
  return entries;
}

interface Inside {
  readonly object: z.core.$ZodObject;
  /** `[]` where it is an item of a list. */
  readonly prefix: string;
  /** What may stand there instead, if anything may. */
  readonly beside: string | undefined;
}

/** The settings that a value is made of. Undefined: it is one value. */
function objectIn(given: Schema): Inside | undefined {
  const { def } = (given as z.core.$ZodTypes)._zod;
  if (def.type === 'object') return { object: given as z.core.$ZodObject, prefix: '', beside: undefined };
  if (def.type === 'pipe') return objectIn(def.in);
  if (def.type === 'array') {
    const item = objectIn(def.element);
    return item === undefined ? undefined : { ...item, prefix: `[]${item.prefix}` };
  }
  if (def.type !== 'union') return undefined;
  const object = def.options.map(objectIn).find((found) => found !== undefined);
  const others = def.options.filter((option) => objectIn(option) === undefined);
  const beside = others.length === 0 ? undefined : others.map((other) => typeOf(other, {})).join(' or ');
  return object === undefined ? undefined : { ...object, beside: beside && `${beside}, or settings` };
}

function typeOf(given: Schema, { what }: Meta): string {
  const said = what ?? metaOf(given).what;
  if (said !== undefined) return shortened(said);
  const { def } = (given as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'enum':
      return Object.values(def.entries)
        .map((entry) => `\`${entry}\``)
        .join(', ');
    case 'literal':
      return def.values.map((value) => `\`${String(value)}\``).join(', ');
    case 'array':
      return 'a list';
    case 'union':
      return def.options.map((option) => typeOf(option, {})).join(' or ');
    case 'pipe':
      return typeOf(def.in, {});
    case 'string':
      return 'format' in def && def.format === 'url' ? 'an http(s) URL' : 'text';
    default:
      return def.type;
  }
}

function shortened(what: string): string {
  return what
    .replace(/, such as .*/, '')
    .replace(/ \(a number is .*/, '')
    .replace(/ of at least 0 (bytes|ms)$/, '')
    .replace(/(\d+) bytes$/, (_, bytes) => sizeText(Number(bytes)));
}

const SIZES = [
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
] as const;

function sizeText(bytes: number): string {
  const [unit, scale] = SIZES.find(([, size]) => bytes >= size && bytes % size === 0) ?? [' bytes', 1];
  return `${bytes / scale}${unit}`;
}

/** Null: it may be left out, and then there is none. */
function written(path: string, usual: unknown): string | undefined {
  if (usual === undefined) return 'required';
  if (usual === null || (Array.isArray(usual) && usual.length === 0)) return undefined;
  if (Array.isArray(usual)) return `\`[${usual.join(', ')}]\``;
  if (typeof usual === 'number' && usual > 0 && /Bytes$/.test(path)) return `\`${sizeText(usual)}\``;
  return typeof usual === 'object' ? undefined : `\`${String(usual)}\``;
}

function metaOf(given: Schema): Meta {
  return z.globalRegistry.get(given) ?? {};
}
