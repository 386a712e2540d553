import type { NamedSite } from './site-table.js';
import { type ClaimRules, coversPath } from './tokens/claims.js';
import type { CarrierNames } from './tokens/token-carrier.js';
import type { Verdict, Verifier } from './tokens/verifier.js';

/** What the gate knows of a site. Its origin and cache rules are found by its name. */
export interface Site extends NamedSite {
  /** Undefined: everybody may ask. */
  readonly tokens: SiteTokens | undefined;
}

export interface SiteTokens {
  readonly names: CarrierNames;
  readonly rules: Pick<ClaimRules, 'skewMs' | 'audiences'>;
  verify(token: string): Verdict | Promise<Verdict>;
  /** Whether the canonical path needs no token. */
  isPublic(path: string): boolean;
}

export function siteTokens(
  verifier: Pick<Verifier, 'verify'>,
  options: CarrierNames & SiteTokens['rules'] & { readonly publicPrefixes: readonly string[] },
): SiteTokens {
  const { queryParameter, cookie, skewMs, audiences } = options;
  const prefixes = options.publicPrefixes.map((prefix) => prefix.replace(/\/$/, ''));
  return {
    names: { queryParameter, cookie },
    rules: { skewMs, audiences },
    verify: (token) => verifier.verify(token),
    isPublic: (path) => prefixes.length > 0 && coversPath({ prefixes }, path),
  };
}
