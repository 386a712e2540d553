import { isIP } from 'node:net';

/** The first line of a tunnel: which one it is, and whose connection goes through it. */
export interface TunnelGreeting {
  /** Known to this process alone: only then what follows is believed. Hexadecimal. */
  readonly secret: string;
  /** Which front. */
  readonly slot: number;
  readonly tunnel: number;
  readonly address: string;
  readonly port: number;
}

/** The word, a secret, an IPv6 address with a zone, two numbers. */
export const MAX_GREETING_BYTES = 256;

const GREETING = /^EDDY ([0-9a-f]{64}) ([0-9]{1,4}) ([0-9]{1,15}) ([0-9A-Fa-f.:%A-Za-z]{2,64}) ([0-9]{1,5})$/;

export function formatGreeting({ secret, slot, tunnel, address, port }: TunnelGreeting): string {
  return `EDDY ${secret} ${slot} ${tunnel} ${address} ${port}\n`;
}

/** Undefined: this is none. `line` is without its end. */
export function parseGreeting(line: string): TunnelGreeting | undefined {
  const match = GREETING.exec(line);
  if (match === null) return undefined;
  const [, secret = '', slot, tunnel, address = '', port] = match;
  if (isIP(address) === 0) return undefined;
  return { secret, slot: Number(slot), tunnel: Number(tunnel), address, port: Number(port) };
}
