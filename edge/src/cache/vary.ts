import { LRUCache } from 'lru-cache';
import { type FieldList, fieldValue, tokensOf } from './fields.js';

/** The request fields that `Vary` names, sorted. Undefined: `*`, which no other request matches. */
export function varyNames(fields: FieldList): readonly string[] | undefined {
  const names = tokensOf(fieldValue(fields, 'vary'));
  if (names.includes('*')) return undefined;
  return [...new Set(names)].sort();
}

/**
 * What a request says in the fields that count, normalised as RFC 9111 section 4.1 allows: white space folded, lists
 * of tokens joined, and of `Accept-Encoding` only which codings are welcome.
 */
export function variantOf(names: readonly string[], request: FieldList): string {
  return names.map((name) => `\n${name}:${normalised(name, fieldValue(request, name))}`).join('');
}

function normalised(name: string, value: string | undefined): string {
  if (value === undefined) return '\u0000';
  const folded = value
    .replace(/[ \t]+/g, ' ')
    .replace(/ ?([,;]) ?/g, '$1')
    .trim();
  switch (name) {
    case 'accept-encoding':
      return welcomeOf(folded)
        .map(({ token }) => token)
        .filter((coding) => coding !== 'identity')
        .sort()
        .join(',');
    case 'accept-language':
      return welcomeOf(folded)
        .sort((a, b) => b.weight - a.weight || (a.token < b.token ? -1 : 1))
        .map(({ token, weight }) => `${token};q=${weight}`)
        .join(',');
    default:
      return folded;
  }
}

/** Members that are not refused, each once, with their weights (RFC 9110 section 12.4.2); their order means nothing. */
function welcomeOf(value: string): { readonly token: string; readonly weight: number }[] {
  const weights = new Map<string, number>();
  for (const member of value.toLowerCase().split(',')) {
    const [token = '', ...parameters] = member.split(';');
    const given = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const weight = given === undefined ? 1 : Number(given);
    if (token !== '' && weight > 0) weights.set(token, weight);
  }
  return [...weights].map(([token, weight]) => ({ token, weight }));
}

/** Objects with variants that are remembered. Forgetting one costs a request to the origin. */
const MAX_PATHS = 100_000;

/** By which request fields the responses of a key differ. */
export class VaryIndex {
  readonly #names = new LRUCache<string, readonly string[]>({ max: MAX_PATHS });

  /** The key of the variant that the request asks for; the key itself where there are none. */
  keyFor(primaryKey: string, request: FieldList): string {
    const names = this.#names.get(primaryKey);
    return names === undefined ? primaryKey : primaryKey + variantOf(names, request);
  }

  /** The latest response tells (RFC 9111 section 4.1). */
  learn(primaryKey: string, names: readonly string[]): void {
    if (names.length > 0) this.#names.set(primaryKey, names);
    else if (this.#names.size > 0) this.#names.delete(primaryKey);
  }
}
