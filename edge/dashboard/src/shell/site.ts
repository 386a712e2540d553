import { type Context, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Address, readAddress } from '../address/address.js';
import { Formats } from '../figures/formats.js';
import { Times } from '../figures/times.js';

/** What every part of the page needs to know. */
export interface Site {
  readonly address: Address;
  /** Shows another address; `replace` where back should not lead here. */
  readonly go: (address: Address, how?: 'replace') => void;
  readonly formats: Formats;
  readonly times: Times;
  /** When the figures came, since the epoch. */
  readonly nowMs: number;
  /** How much of the time shown is over, 0 to 1. */
  readonly passed: number;
}

export const SiteContext: Context<Site> = createContext<Site>({
  address: readAddress(''),
  go: () => undefined,
  formats: new Formats({ locale: undefined, units: 'GB' }),
  times: new Times(undefined),
  nowMs: 0,
  passed: 1,
});

export function useSite(): Site {
  return useContext(SiteContext);
}
