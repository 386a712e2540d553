import type { LifetimeRule } from '../config/edge-config.js';
import { parseCacheControl } from './cache-control.js';
import type { Lifetime } from './cached-object.js';
import { BUILT_IN_RULES, ruleFor } from './lifetime-rules.js';
import { type PlaylistFacts, playlistFacts } from './playlist-facts.js';

/** Why a response is not stored. */
export type NoStoreReason = 'no-store' | 'private' | 'vary' | 'too-large' | 'unknown-end';

export interface LifetimePolicy {
  /** Consulted before the built-in ones. */
  readonly rules: readonly LifetimeRule[];
  readonly staleIfErrorMs: number;
}

export interface OriginWords {
  readonly path: string;
  readonly cacheControl: string | undefined;
  readonly expires: string | undefined;
  readonly dateMs: number;
}

export interface Ruling {
  readonly lifetime: Lifetime;
  /** What goes out as `Cache-Control`. */
  readonly cacheControl: string;
}

const LIVE_SHARE = 0.5;
const LIVE_MIN_MS = 500;
const FINISHED_PLAYLIST_MS = 60_000;

/** Whether headers forbid a shared cache to keep the response. */
export function storageForbidden(
  cacheControl: string | undefined,
  vary: string | undefined,
): NoStoreReason | undefined {
  const directives = parseCacheControl(cacheControl ?? '');
  if (directives.noStore) return 'no-store';
  if (directives.private) return 'private';
  return vary?.includes('*') === true ? 'vary' : undefined;
}

/** Whether the lifetime is only known once the body is: then the response waits for it. */
export function needsBody(words: OriginWords, policy: LifetimePolicy): boolean {
  return originLifetime(words) === undefined && matching(words.path, policy)?.freshMs === 'playlist';
}

/** How long a 200 lives: the origin's word if there is one, else the rule's. `body` is asked for playlists only. */
export function rule(words: OriginWords, policy: LifetimePolicy, body: Buffer | undefined): Ruling {
  const told = originLifetime(words);
  const matched = matching(words.path, policy);
  const staleIfErrorMs = matched?.staleIfErrorMs ?? policy.staleIfErrorMs;
  if (told !== undefined) {
    const { freshMs, cacheControl, staleIfErrorMs: toldStaleMs } = told;
    return { lifetime: { freshMs, staleIfErrorMs: toldStaleMs ?? staleIfErrorMs }, cacheControl };
  }
  const freshMs = ruleLifetime(matched, body);
  const immutable = matched?.immutable === true ? ', immutable' : '';
  return {
    lifetime: { freshMs, staleIfErrorMs },
    cacheControl: `public, max-age=${Math.floor(freshMs / 1000)}${immutable}`,
  };
}

function matching(path: string, policy: LifetimePolicy): LifetimeRule | undefined {
  return ruleFor(path, policy.rules) ?? ruleFor(path, BUILT_IN_RULES);
}

function ruleLifetime(matched: LifetimeRule | undefined, body: Buffer | undefined): number {
  if (matched === undefined) return 0;
  if (matched.freshMs !== 'playlist') return matched.freshMs;
  return playlistLifetime(body === undefined ? undefined : playlistFacts(body));
}

/** What calls itself a playlist and is none may be half of one: it is kept as shortly as a live one. */
function playlistLifetime(facts: PlaylistFacts | undefined): number {
  if (facts === undefined) return LIVE_MIN_MS;
  if (facts.kind === 'finished') return FINISHED_PLAYLIST_MS;
  return Math.max(LIVE_MIN_MS, facts.targetDurationMs * LIVE_SHARE);
}

interface ToldLifetime {
  readonly freshMs: number;
  readonly staleIfErrorMs: number | undefined;
  readonly cacheControl: string;
}

/** RFC 9111 section 4.2.1: `s-maxage`, then `max-age`, then `Expires`. Undefined: the origin says none of them. */
function originLifetime({ cacheControl, expires, dateMs }: OriginWords): ToldLifetime | undefined {
  const directives = parseCacheControl(cacheControl ?? '');
  const { noCache, mustRevalidate, sharedMaxAgeSeconds, maxAgeSeconds, staleIfErrorSeconds } = directives;
  const strict = noCache || mustRevalidate || sharedMaxAgeSeconds !== undefined;
  const staleIfErrorMs = strict ? 0 : seconds(staleIfErrorSeconds);
  const toldSeconds = noCache ? 0 : (sharedMaxAgeSeconds ?? maxAgeSeconds);
  if (toldSeconds !== undefined) {
    return { freshMs: toldSeconds * 1000, staleIfErrorMs, cacheControl: cacheControl ?? '' };
  }
  if (expires === undefined) return undefined;
  const expiresMs = Date.parse(expires);
  const freshMs = Number.isNaN(expiresMs) ? 0 : Math.max(0, expiresMs - dateMs);
  const goesOut = cacheControl ?? `public, max-age=${Math.floor(freshMs / 1000)}`;
  return { freshMs, staleIfErrorMs, cacheControl: goesOut };
}

function seconds(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value * 1000;
}
