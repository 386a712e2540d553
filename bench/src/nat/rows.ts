/**
 * What stands between a viewer and the internet. `cone`: one public port for each local one, open only to whoever was
 * written to (home routers, Linux' masquerade). `open cone`: that port is open to everybody. `symmetric`: another
 * port for everyone who is written to (mobile and company networks). `no udp`: TCP only.
 */
export type HomeKind = 'cone' | 'open cone' | 'symmetric' | 'no udp';

/** How the two get at each other. `none`: they do not, and play from the edge alone. */
export type Way = 'direct' | 'relay' | 'none';

/** Two viewers of one stream, each behind a router. */
export interface NatRow {
  readonly name: string;
  readonly homes: readonly [HomeKind, HomeKind];
  /** What the edge names to players. */
  readonly servers: 'stun' | 'stun and turn';
  /** The SDK's option, for each of them. Default: neither. */
  readonly relayOnly?: readonly [boolean, boolean];
  /** Chromium pages with hls.js that watch a film, in place of model players in Node that watch a live stream. */
  readonly pages?: true;
  readonly expected: Way;
}

/** The rows that `npm test` plays. */
export const SHORT_ROWS: readonly NatRow[] = [
  { name: 'cone', homes: ['cone', 'cone'], servers: 'stun', expected: 'direct' },
  { name: 'symmetric', homes: ['symmetric', 'symmetric'], servers: 'stun', expected: 'none' },
  {
    ...{ name: 'symmetric-turn', servers: 'stun and turn', expected: 'relay' },
    homes: ['symmetric', 'symmetric'],
  },
  {
    ...{ name: 'cone-relay-only', servers: 'stun and turn', expected: 'relay' },
    ...{ homes: ['cone', 'cone'], relayOnly: [true, true] },
  },
];

export const NAT_ROWS: readonly NatRow[] = [
  ...SHORT_ROWS,
  { name: 'mixed', homes: ['cone', 'symmetric'], servers: 'stun', expected: 'none' },
  { name: 'open-symmetric', homes: ['open cone', 'symmetric'], servers: 'stun', expected: 'direct' },
  { name: 'mixed-turn', homes: ['cone', 'symmetric'], servers: 'stun and turn', expected: 'relay' },
  { name: 'cone-turn', homes: ['cone', 'cone'], servers: 'stun and turn', expected: 'direct' },
  {
    ...{ name: 'one-relay-only', servers: 'stun and turn', expected: 'relay' },
    ...{ homes: ['cone', 'cone'], relayOnly: [true, false] },
  },
  { name: 'no-udp-turn', homes: ['no udp', 'cone'], servers: 'stun and turn', expected: 'relay' },
  {
    ...{ name: 'cone-chromium', servers: 'stun', expected: 'direct' },
    ...{ homes: ['cone', 'cone'], pages: true },
  },
  {
    ...{ name: 'symmetric-chromium', servers: 'stun', expected: 'none' },
    ...{ homes: ['symmetric', 'symmetric'], pages: true },
  },
  {
    ...{ name: 'symmetric-turn-chromium', servers: 'stun and turn', expected: 'relay' },
    ...{ homes: ['symmetric', 'symmetric'], pages: true },
  },
];
