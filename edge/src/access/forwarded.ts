import type { IncomingHttpHeaders } from 'node:http';
import { type AddressRanges, plainAddress } from './address.js';

/** Hops that are looked at; whoever sends more is not believed further. */
const MAX_HOPS = 32;

/**
 * Whose request it is: the other end of the connection, unless that is a trusted proxy; then the rightmost address
 * that no trusted proxy has, since everything to the left of it may be invented. `Forwarded` (RFC 7239) counts before
 * `X-Forwarded-For`; what is unreadable ends the search at the proxy that passed it on.
 */
export function clientAddress(peer: string, headers: IncomingHttpHeaders, trusted: AddressRanges): string {
  if (!trusted.includes(peer)) return peer;
  const hops = forwardedHops(headers.forwarded) ?? plainHops(headers['x-forwarded-for']);
  let client = peer;
  for (const hop of hops.reverse().slice(0, MAX_HOPS)) {
    const address = plainAddress(hop);
    if (address === undefined) return client;
    client = address;
    if (!trusted.includes(address)) return client;
  }
  return client;
}

function plainHops(field: string | string[] | undefined): string[] {
  if (field === undefined) return [];
  return String(field)
    .split(',')
    .map((hop) => hop.trim());
}

/** One `for=` of each element; one that has none, or hides it (`unknown`, `_name`), is no address. */
const FOR = /^\s*for=(?:"([^"\\]*)"|([^\s";,]+))\s*$/i;

function forwardedHops(field: string | undefined): string[] | undefined {
  if (field === undefined) return undefined;
  return splitOutsideQuotes(field, ',').map((element) => {
    const found = splitOutsideQuotes(element, ';')
      .map((pair) => FOR.exec(pair))
      .filter((match) => match !== null);
    const [match] = found;
    return found.length === 1 ? (match?.[1] ?? match?.[2] ?? '') : '';
  });
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quoted && character === '\\') index++;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}
