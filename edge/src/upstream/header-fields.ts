import type { HeaderFields, UpstreamHeaders } from './upstream.js';

/** Fields that are about one connection, not about the message (RFC 9110 section 7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What a field list says, without what is about the connection only. */
export function endToEnd(fields: HeaderFields): HeaderFields {
  const named = connectionOptions(fields);
  return withoutFields(fields, (name) => HOP_BY_HOP.has(name) || named.has(name));
}

/** The fields whose lower-case name is not `left` out. */
export function withoutFields(fields: HeaderFields, left: (name: string) => boolean): string[] {
  const kept: string[] = [];
  for (const [name, value] of pairs(fields)) {
    if (!left(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

/** By lower-case name; repeats are joined (RFC 9110 section 5.3). */
export function byName(fields: HeaderFields): UpstreamHeaders {
  // Without a prototype: an origin may call a field `constructor`.
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of pairs(fields)) {
    const key = name.toLowerCase();
    const before = headers[key];
    headers[key] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

/** A field list of what is known, in this order. */
export function fieldsOf(known: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(known).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [name, value],
  );
}

export function* pairs(fields: HeaderFields): Generator<readonly [string, string]> {
  for (let at = 0; at + 1 < fields.length; at += 2) yield [fields[at] ?? '', fields[at + 1] ?? ''];
}

function connectionOptions(fields: HeaderFields): ReadonlySet<string> {
  const options = new Set<string>();
  for (const [name, value] of pairs(fields)) {
    if (name.toLowerCase() !== 'connection') continue;
    for (const option of value.toLowerCase().split(',')) options.add(option.trim());
  }
  return options;
}
