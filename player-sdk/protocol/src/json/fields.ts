import { ProtocolError } from '../errors.js';

/** A JSON object whose fields are taken one by one, each checked. Unknown fields are ignored: newer peers may add some. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #what: string;

  constructor(value: unknown, what: string) {
    if (!isRecord(value)) throw new ProtocolError('bad-value', `${what} is not an object`);
    this.#values = value;
    this.#what = what;
  }

  text(field: string, maxLength = 256): string {
    const value = this.#values[field];
    if (typeof value !== 'string') throw this.#wrong(field, 'a string');
    if (value.length > maxLength) throw new ProtocolError('too-large', `${this.#what}.${field}`);
    return value;
  }

  flag(field: string): boolean {
    const value = this.#values[field];
    if (typeof value !== 'boolean') throw this.#wrong(field, 'true or false');
    return value;
  }

  /** A finite number from 0 to `max`. */
  amount(field: string, max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.#values[field];
    if (typeof value !== 'number' || !(value >= 0 && value <= max)) throw this.#wrong(field, `0 to ${max}`);
    return value;
  }

  /** A whole number from 0 to `max`. */
  count(field: string, max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.amount(field, max);
    if (!Number.isInteger(value)) throw this.#wrong(field, 'a whole number');
    return value;
  }

  oneOf<Word extends string>(field: string, words: readonly Word[]): Word {
    const value = this.#values[field];
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw this.#wrong(field, words.join(' | '));
    return word;
  }

  list<Item>(field: string, maxItems: number, read: (item: unknown) => Item): Item[] {
    const value = this.#values[field];
    if (!Array.isArray(value)) throw this.#wrong(field, 'a list');
    if (value.length > maxItems) throw new ProtocolError('too-large', `${this.#what}.${field}`);
    return value.map(read);
  }

  object(field: string): Fields {
    return new Fields(this.#values[field], `${this.#what}.${field}`);
  }

  has(field: string): boolean {
    return this.#values[field] !== undefined;
  }

  #wrong(field: string, wanted: string): ProtocolError {
    return new ProtocolError('bad-value', `${this.#what}.${field} is not ${wanted}`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws ProtocolError `too-large` or `bad-json`. */
export function parseJson(text: string, maxLength: number, what: string): Fields {
  if (text.length > maxLength) throw new ProtocolError('too-large', `${what} of ${text.length} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ProtocolError('bad-json', what);
  }
  return new Fields(value, what);
}
