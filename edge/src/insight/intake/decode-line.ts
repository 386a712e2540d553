import { decodeCmcd } from '@svta/cml-cmcd';

const KEY = /^[a-z*][a-z0-9_.*-]*$/;
const TOKEN = /^[A-Za-z*][\w!#$%&'*+\-.^`|~:/]*$/;
const INTEGER = /^-?\d{1,15}$/;
const PLAIN = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/;
const [QUOTE, OPEN, COMMA] = [34, 40, 44];

/**
 * A CMCD line as its values by key: numbers, strings, tokens as strings, inner lists as arrays. What the SDK writes is
 * read here, in a fifth of the time; all else by the library. Throws what that throws.
 */
export function decodeLine(line: string): unknown {
  return decodePlain(line) ?? decodeCmcd(line);
}

/** Undefined: there is something in it that is not read here, such as escapes, parameters, booleans, decimals. */
export function decodePlain(line: string): Readonly<Record<string, unknown>> | undefined {
  const values: Record<string, unknown> = {};
  for (let at = 0; ; at++) {
    const equals = line.indexOf('=', at);
    const key = line.slice(at, equals);
    if (equals === -1 || !KEY.test(key)) return undefined;
    at = equals + 1;
    const first = line.charCodeAt(at);
    let end: number;
    let value: unknown;
    if (first === QUOTE) {
      end = line.indexOf('"', at + 1) + 1;
      value = line.slice(at + 1, end - 1);
      if (end === 0 || !PLAIN.test(String(value))) return undefined;
    } else if (first === OPEN) {
      end = line.indexOf(')', at) + 1;
      const items = line.slice(at + 1, end - 1).split(' ');
      if (end === 0 || !items.every((item) => INTEGER.test(item))) return undefined;
      value = items.map(Number);
    } else {
      const comma = line.indexOf(',', at);
      end = comma === -1 ? line.length : comma;
      value = bare(line.slice(at, end));
      if (value === undefined) return undefined;
    }
    values[key] = value;
    if (end === line.length) return values;
    if (line.charCodeAt(end) !== COMMA) return undefined;
    at = end;
  }
}

function bare(text: string): string | number | undefined {
  if (INTEGER.test(text)) return Number(text);
  return TOKEN.test(text) ? text : undefined;
}
