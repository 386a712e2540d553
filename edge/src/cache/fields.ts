/**
 * Header fields as they came: names and values in turn, with their case, order and repeats, as `writeHead` takes them
 * fastest. What Eddy does not know passes through unchanged.
 */
export type FieldList = readonly string[];

/** All values of a field, joined as RFC 9110 section 5.3 allows. Undefined: it is not there. `name` is lower-case. */
export function fieldValue(fields: FieldList, name: string): string | undefined {
  let found: string | undefined;
  for (let at = 0; at < fields.length; at += 2) {
    if (!sameName(fields[at], name)) continue;
    const value = fields[at + 1] ?? '';
    found = found === undefined ? value : `${found}, ${value}`;
  }
  return found;
}

/** The first of its values, for fields that may come only once. */
export function firstValue(fields: FieldList, name: string): string | undefined {
  for (let at = 0; at < fields.length; at += 2) {
    if (sameName(fields[at], name)) return fields[at + 1];
  }
  return undefined;
}

/** The fields without those named (lower-case). */
export function withoutFields(fields: FieldList, names: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? '';
    if (!names.has(name.toLowerCase())) kept.push(name, fields[at + 1] ?? '');
  }
  return kept;
}

/** The members of a comma-separated list of tokens, in lower case. */
export function tokensOf(value: string | undefined): string[] {
  if (value === undefined) return [];
  return value
    .split(',')
    .map((token) => token.trim().toLowerCase())
    .filter((token) => token !== '');
}

/** RFC 9110 section 7.6.1: about one connection, so they go no further; with those that `Connection` names. */
const HOP_BY_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** What of a message goes on to the next hop, without `more` (lower-case). */
export function endToEnd(fields: FieldList, more: readonly string[] = []): string[] {
  return withoutFields(
    fields,
    new Set([...HOP_BY_HOP, ...tokensOf(fieldValue(fields, 'connection')), ...more]),
  );
}

function sameName(given: string | undefined, name: string): boolean {
  return given !== undefined && given.length === name.length && given.toLowerCase() === name;
}
