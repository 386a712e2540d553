import type { JWTPayload } from 'jose';
import { AddressRanges } from '../address.js';

/** What a good signature vouches for. Times are milliseconds since the epoch. */
export interface Grant {
  readonly expiresAtMs: number;
  readonly notBeforeMs: number;
  /** Canonical paths, without slash at the end; the empty one is everything. */
  readonly prefixes: readonly string[];
  /** Who asks, for limits: claim `sid`. */
  readonly session: string | undefined;
  /** Where from: claim `ip`. Undefined: from anywhere. */
  readonly addresses: AddressRanges | undefined;
  /** Whom it is for: claim `aud`. Undefined: whoever trusts the key. */
  readonly audience: readonly string[] | undefined;
}

export interface ClaimRules {
  readonly issuer: string | undefined;
  readonly audiences: readonly string[];
  readonly maxLifetimeMs: number;
  readonly skewMs: number;
  /** The path as the edge names it; undefined where it would be refused. */
  readonly canonical: (path: string) => string | undefined;
}

const MAX_PREFIXES = 16;
const MAX_RANGES = 16;
const MAX_SESSION_CHARACTERS = 128;

/** Undefined: a claim that is needed is missing, or one that is there means nothing. */
export function readClaims(claims: JWTPayload, rules: ClaimRules, nowMs: number): Grant | undefined {
  const { exp, nbf, iss, aud } = claims;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return undefined;
  if (exp * 1000 > nowMs + rules.maxLifetimeMs + rules.skewMs) return undefined;
  if (nbf !== undefined && (typeof nbf !== 'number' || !Number.isFinite(nbf))) return undefined;
  if (rules.issuer !== undefined && iss !== rules.issuer) return undefined;
  const audience = aud === undefined ? undefined : texts(aud, MAX_PREFIXES);
  if (aud !== undefined && audience === undefined) return undefined;
  if (audience === undefined && rules.audiences.length > 0) return undefined;
  const prefixes = texts(claims.pfx, MAX_PREFIXES)?.map((prefix) => prefixOf(prefix, rules));
  if (prefixes === undefined || !prefixes.every((prefix) => prefix !== undefined)) return undefined;
  const { sid, ip } = claims;
  if (sid !== undefined && (typeof sid !== 'string' || sid === '' || sid.length > MAX_SESSION_CHARACTERS))
    return undefined;
  const ranges = ip === undefined ? undefined : texts(ip, MAX_RANGES);
  if (ip !== undefined && ranges === undefined) return undefined;
  try {
    return {
      expiresAtMs: exp * 1000,
      notBeforeMs: typeof nbf === 'number' ? nbf * 1000 : Number.NEGATIVE_INFINITY,
      prefixes,
      session: sid,
      addresses: ranges === undefined ? undefined : new AddressRanges(ranges),
      audience,
    };
  } catch {
    return undefined;
  }
}

/** One text or several, never none. */
function texts(value: unknown, most: number): string[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.length > most) return undefined;
  return list.every((item) => typeof item === 'string') ? list : undefined;
}

/** A prefix that the edge would spell otherwise, or refuse, is none. */
function prefixOf(text: string, { canonical }: ClaimRules): string | undefined {
  if (!text.startsWith('/') || canonical(text) !== text) return undefined;
  return text.endsWith('/') ? text.slice(0, -1) : text;
}

export type GrantRefusal =
  | 'token-expired'
  | 'token-early'
  | 'token-site'
  | 'token-address'
  | 'token-path'
  | undefined;

export interface GrantUse {
  readonly nowMs: number;
  readonly address: string;
  /** Names by which the edge knows itself here: the site's name and the host asked for. */
  readonly names: readonly string[];
  /** Canonical. Undefined: none of the site's, but something that the edge answers itself. */
  readonly path: string | undefined;
}

/** Why a grant is not good for this use; undefined: it is. */
export function judgeGrant(
  grant: Grant,
  { nowMs, address, names, path }: GrantUse,
  { skewMs, audiences }: Pick<ClaimRules, 'skewMs' | 'audiences'>,
): GrantRefusal {
  if (nowMs >= grant.expiresAtMs + skewMs) return 'token-expired';
  if (nowMs < grant.notBeforeMs - skewMs) return 'token-early';
  const { audience, addresses } = grant;
  if (audience !== undefined && !audience.some((name) => names.includes(name) || audiences.includes(name)))
    return 'token-site';
  if (addresses !== undefined && !addresses.includes(address)) return 'token-address';
  return path === undefined || coversPath(grant, path) ? undefined : 'token-path';
}

/** Whole segments only: `/vod` covers `/vod` and `/vod/a`, not `/vodka`. */
export function coversPath({ prefixes }: Pick<Grant, 'prefixes'>, path: string): boolean {
  return prefixes.some((prefix) => path.startsWith(prefix) && (path[prefix.length] ?? '/') === '/');
}
