import type { HostLine } from './inventory.js';

/** Two territories of two edges; HAProxy before one, nginx before the other. */
export const HOSTS: readonly HostLine[] = [
  { name: 'eu-1', address: '10.78.1.11', region: 'eu' },
  { name: 'eu-2', address: '10.78.1.12', region: 'eu' },
  { name: 'us-1', address: '10.78.2.11', region: 'us' },
  { name: 'us-2', address: '10.78.2.12', region: 'us' },
  { name: 'eu-lb', address: '10.78.1.10', region: 'eu', balancer: 'haproxy' },
  { name: 'us-lb', address: '10.78.2.10', region: 'us', balancer: 'nginx' },
];
/** A line for a region that there is, and a line that makes a new one. */
export const MORE_HOSTS: readonly HostLine[] = [
  { name: 'eu-3', address: '10.78.1.13', region: 'eu' },
  { name: 'ap-1', address: '10.78.3.11', region: 'ap' },
];

export const BALANCERS: readonly { readonly name: string; readonly address: string }[] = [
  { name: 'HAProxy', address: '10.78.1.10' },
  { name: 'nginx', address: '10.78.2.10' },
];
