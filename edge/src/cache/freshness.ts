import type { LifetimeRule } from '../config/edge-config.js';
import { firstValue } from './fields.js';
import { parseHttpDate } from './http-date.js';
import { BUILT_IN_RULES, ruleFor } from './lifetime-rules.js';
import { type PlaylistFacts, playlistFacts } from './playlist-facts.js';
import { mayGuess, type OriginWords } from './storability.js';
import type { Lifetime } from './stored-response.js';

export interface LifetimePolicy {
  /** Consulted where the origin says nothing. */
  readonly rules: readonly LifetimeRule[];
  /** Whether the built-in rules follow them: for stores of files, whose origins say nothing about lifetimes. */
  readonly builtInRules: boolean;
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
  /** How long a 404 or 410 is remembered whose origin says nothing. */
  readonly negativeMs: number;
  /** Share of the time since `Last-Modified` that a response counts as fresh (RFC 9111 section 4.2.2); 0 for none. */
  readonly heuristicPercent: number;
}

export interface Ruling {
  readonly lifetime: Lifetime;
  /** What goes out as `Cache-Control` where the origin said nothing and a rule did. */
  readonly cacheControl: string | undefined;
}

const LIVE_SHARE = 0.5;
const LIVE_MIN_MS = 500;
const FINISHED_PLAYLIST_MS = 3_600_000;
const MULTIVARIANT_MS = 60_000;
const MAX_HEURISTIC_MS = 86_400_000;
const NO_LIFETIME: Lifetime = { freshMs: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 };

/** Whether the lifetime is only known once the body is: then the response waits for it. */
export function needsBody(path: string, words: OriginWords, policy: LifetimePolicy): boolean {
  return (
    words.status === 200 &&
    toldMs(words) === undefined &&
    words.directives.noCache !== true &&
    matching(path, policy)?.freshMs === 'playlist'
  );
}

/** How long a response lives: the origin's word if there is one, else the rule's. `body` is asked for playlists only. */
export function rule(
  path: string,
  words: OriginWords,
  policy: LifetimePolicy,
  body: Buffer | undefined,
): Ruling {
  // RFC 9111 section 5.2.2.4: kept, but never used without asking.
  if (words.directives.noCache === true) return { lifetime: NO_LIFETIME, cacheControl: undefined };
  const told = toldMs(words);
  const missing = words.status === 404 || words.status === 410;
  if (told !== undefined) return { lifetime: withGrace(told, words, policy), cacheControl: undefined };
  if (missing && policy.negativeMs > 0) {
    const lifetime = { ...NO_LIFETIME, freshMs: policy.negativeMs };
    return { lifetime, cacheControl: publicFor(policy.negativeMs) };
  }
  const matched = words.status === 200 ? matching(path, policy) : undefined;
  if (matched !== undefined) {
    const freshMs = matched.freshMs === 'playlist' ? playlistLifetime(body) : matched.freshMs;
    const immutable = matched.immutable === true ? ', immutable' : '';
    return {
      lifetime: withGrace(freshMs, words, policy, matched),
      cacheControl: publicFor(freshMs) + immutable,
    };
  }
  return { lifetime: withGrace(guessedMs(words, policy), words, policy), cacheControl: undefined };
}

function matching(path: string, policy: LifetimePolicy): LifetimeRule | undefined {
  return ruleFor(path, policy.rules) ?? (policy.builtInRules ? ruleFor(path, BUILT_IN_RULES) : undefined);
}

function publicFor(freshMs: number): string {
  return `public, max-age=${Math.floor(freshMs / 1000)}`;
}

/** What calls itself a playlist and is none may be half of one: it is kept as shortly as a live one. */
function playlistLifetime(body: Buffer | undefined): number {
  const facts: PlaylistFacts | undefined = body === undefined ? undefined : playlistFacts(body);
  switch (facts?.kind) {
    case undefined:
      return LIVE_MIN_MS;
    case 'multivariant':
      return MULTIVARIANT_MS;
    case 'finished':
      return FINISHED_PLAYLIST_MS;
    case 'live':
      return Math.max(LIVE_MIN_MS, facts.targetDurationMs * LIVE_SHARE);
  }
}

/** RFC 9111 section 4.2.1: `s-maxage`, then `max-age`, then `Expires`. Undefined: the origin says none of them. */
function toldMs({ directives, targeted, fields, dateMs }: OriginWords): number | undefined {
  const seconds = directives.sharedMaxAgeSeconds ?? directives.maxAgeSeconds;
  if (seconds !== undefined) return seconds * 1000;
  const expires = targeted ? undefined : firstValue(fields, 'expires');
  if (expires === undefined) return undefined;
  const expiresMs = parseHttpDate(expires, dateMs);
  return expiresMs === undefined ? 0 : Math.max(0, expiresMs - dateMs);
}

function guessedMs(words: OriginWords, { heuristicPercent }: LifetimePolicy): number {
  if (heuristicPercent <= 0 || !mayGuess(words)) return 0;
  const modifiedMs = parseHttpDate(firstValue(words.fields, 'last-modified'), words.dateMs);
  if (modifiedMs === undefined || modifiedMs >= words.dateMs) return 0;
  return Math.min(MAX_HEURISTIC_MS, ((words.dateMs - modifiedMs) * heuristicPercent) / 100);
}

/** Stale service: as the origin says, else as configured, and never against its will (RFC 9111 section 4.2.4). */
function withGrace(
  freshMs: number,
  { directives }: OriginWords,
  policy: LifetimePolicy,
  matched?: LifetimeRule,
): Lifetime {
  if (directives.mustRevalidate || directives.sharedMaxAgeSeconds !== undefined) {
    return { freshMs, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 };
  }
  const { staleWhileRevalidateSeconds: revalidate, staleIfErrorSeconds: onError } = directives;
  return {
    freshMs,
    staleWhileRevalidateMs:
      revalidate === undefined
        ? (matched?.staleWhileRevalidateMs ?? policy.staleWhileRevalidateMs)
        : revalidate * 1000,
    staleIfErrorMs:
      onError === undefined ? (matched?.staleIfErrorMs ?? policy.staleIfErrorMs) : onError * 1000,
  };
}
