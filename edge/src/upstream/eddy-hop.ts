import ipaddr from 'ipaddr.js';
import type { SiblingsConfig } from '../config/edge-config.js';

/** Tells an edge that another edge of its PoP asks, so that it does not pass the request to a third. */
export const EDDY_HOP = 'Eddy-Hop';
export const SIBLING_HOP = 'sibling';
const MEMBER_HOP = `${SIBLING_HOP} `;

/** What a sibling says that the others know by the bus. */
export function memberHop(instance: string): string {
  return MEMBER_HOP + instance;
}

/**
 * Whether a request is a sibling's: it says so, and comes from an address that is configured. Anybody can write the
 * header; believed from anybody, it would let clients go round the object's owner and multiply requests to the origin.
 */
export type HopCheck = (hop: string | undefined, remoteAddress: string | undefined) => boolean;

/**
 * `addresses` are single ones or CIDR ranges; where none are given, those in `urls` count. Of URLs that name hosts, no
 * address is known: with those alone, nobody is believed, and an object's owner is worked out anew, which is the same.
 *
 * Edges that know each other by the bus show the name of their run instead, which nobody else can guess.
 *
 * @throws TypeError for what is neither.
 */
export function createHopCheck(
  { addresses, urls }: Pick<SiblingsConfig, 'addresses' | 'urls'>,
  isMember: (instance: string) => boolean = () => false,
): HopCheck {
  const ranges = (addresses.length > 0 ? addresses : addressesIn(urls)).map(parseRange);
  return (hop, remoteAddress) => {
    if (hop?.startsWith(MEMBER_HOP) === true && isMember(hop.slice(MEMBER_HOP.length))) return true;
    if (hop !== SIBLING_HOP || remoteAddress === undefined || !ipaddr.isValid(remoteAddress)) return false;
    // An IPv4 client of a dual-stack socket comes as ::ffff:a.b.c.d.
    const address = ipaddr.process(remoteAddress);
    return ranges.some(
      ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
    );
  };
}

function addressesIn(urls: readonly string[]): string[] {
  return urls.flatMap((url) => {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    return ipaddr.isValid(host) ? [host] : [];
  });
}

export function isAddressRange(text: string): boolean {
  return ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
}

function parseRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) throw new TypeError(`${text} is no address or range`);
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
