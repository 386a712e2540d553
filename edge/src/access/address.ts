import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Without zone and port, IPv4 in its own form even where it came mapped into IPv6. Undefined: it is no address. */
export function plainAddress(text: string): string | undefined {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, '$1');
  const [address = ''] = bare.split('%', 1);
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  return mappedIPv4(address) ?? address.toLowerCase();
}

function mappedIPv4(address: string): string | undefined {
  if (!address.toLowerCase().startsWith('::ffff:')) return undefined;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : undefined;
}

/** What counts as one client for a limit: an IPv4 address, or the /64 of an IPv6 one, which one host is given whole. */
export function clientGroup(address: string): string {
  if (!address.includes(':')) return address;
  const parsed = plainAddress(address);
  if (parsed === undefined || !parsed.includes(':')) return parsed ?? address;
  const { parts } = ipaddr.IPv6.parse(parsed);
  return parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':');
}

/** With the last 8 bits of IPv4 and the last 80 of IPv6 taken away, so that it names a network and no person. */
export function shortAddress(address: string): string {
  const plain = plainAddress(address);
  if (plain === undefined) return '';
  const keep = plain.includes(':') ? 6 : 3;
  const bytes = ipaddr
    .parse(plain)
    .toByteArray()
    .map((byte, index) => (index < keep ? byte : 0));
  return ipaddr.fromByteArray(bytes).toString();
}

const MAX_REMEMBERED = 4096;

/** A list of CIDR ranges and single addresses. Answers are remembered, since few addresses ask often. */
export class AddressRanges {
  readonly #ranges: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];
  readonly #remembered = new Map<string, boolean>();

  /** @throws Error when one is no range. */
  constructor(ranges: readonly string[]) {
    this.#ranges = ranges.map((range) => {
      if (range.includes('/')) return ipaddr.parseCIDR(range);
      const address = ipaddr.parse(range);
      return [address, address.kind() === 'ipv4' ? 32 : 128] as const;
    });
  }

  get empty(): boolean {
    return this.#ranges.length === 0;
  }

  includes(text: string | undefined): boolean {
    if (text === undefined || this.#ranges.length === 0) return false;
    const known = this.#remembered.get(text);
    if (known !== undefined) return known;
    const included = this.#find(text);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(text, included);
    return included;
  }

  #find(text: string): boolean {
    const plain = plainAddress(text);
    if (plain === undefined) return false;
    const address = ipaddr.parse(plain);
    return this.#ranges.some(([range, bits]) =>
      address instanceof ipaddr.IPv4
        ? range instanceof ipaddr.IPv4 && address.match(range, bits)
        : range instanceof ipaddr.IPv6 && address.match(range, bits),
    );
  }
}
