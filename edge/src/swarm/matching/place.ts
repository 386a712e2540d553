import { isIPv6 } from 'node:net';

/** Where a viewer is, as far as the edge can tell. What is not known is absent. */
export interface Place {
  /** First 24 bits of an IPv4 address, first 48 of an IPv6 one: commonly one household, office or part of a town. */
  readonly prefix: string;
  /** Number of the autonomous system. */
  readonly network?: number;
  /** Country, with its part where the database names one: `DE-BY`. */
  readonly region?: string;
  readonly continent?: string;
}

export const NOWHERE: Place = { prefix: '' };

/** The prefix of an address; empty if it is none. */
export function prefixOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  if (!isIPv6(mapped)) return mapped.split('.').length === 4 ? mapped.split('.').slice(0, 3).join('.') : '';
  const [head = '', tail] = (mapped.split('%', 1)[0] ?? '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right]
    .slice(0, 3)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':');
}

/** From 0 (one network) to 1 (another continent). Costs, not walls: where little is known all are alike. */
export function distance(one: Place, other: Place): number {
  if (one.prefix !== '' && one.prefix === other.prefix) return 0;
  const sameNetwork = one.network !== undefined && one.network === other.network;
  const sameRegion = one.region !== undefined && one.region === other.region;
  if (sameNetwork) return sameRegion ? 0.15 : 0.3;
  if (sameRegion) return 0.4;
  if (one.continent === undefined || other.continent === undefined) return 0.6;
  return one.continent === other.continent ? 0.7 : 1;
}
