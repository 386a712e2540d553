import { stampedContent } from '../origin/stamped-content.js';

/** Objects of an ad company: playlists of 2 KB and segments of 60 KB; the size stands in the name. */
const PLAYLIST_BYTES = 2_000;
const SEGMENT_BYTES = 60_000;
/** One request in so many is for a playlist. */
const PLAYLIST_EVERY = 4;
/** Objects that everybody asks for; a prime, so that no stride leaves some out. */
const HOT_OBJECTS = 401;
/** One request in so many is for what nobody has asked for before. */
const MISS_EVERY = 50;
/** One request in so many comes with a token that was not seen before: a viewer's first of twenty. */
export const REQUESTS_A_VIEWER = 20;

export const PREFIX = '/ads';

export interface AdRequest {
  readonly path: string;
  readonly bytes: number;
}

function named(kind: string, index: number, bytes: number): AdRequest {
  return { path: `${PREFIX}/${kind}/${index}-${bytes}.${bytes === PLAYLIST_BYTES ? 'json' : 'm4s'}`, bytes };
}

/** What is held before anything is measured. */
export function hotObjects(): AdRequest[] {
  return Array.from({ length: HOT_OBJECTS }, (_, index) =>
    named('hot', index, index % PLAYLIST_EVERY === 0 ? PLAYLIST_BYTES : SEGMENT_BYTES),
  );
}

/** The i-th request of a run. `run` keeps the misses of runs apart. Each hot object is asked for as often as any other. */
export function adRequest(index: number, run: string): AdRequest {
  if (index % MISS_EVERY === MISS_EVERY - 1) return named(`cold-${run}`, index, SEGMENT_BYTES);
  // A stride mixes sizes and owners.
  const hot = (index * 149) % HOT_OBJECTS;
  return named('hot', hot, hot % PLAYLIST_EVERY === 0 ? PLAYLIST_BYTES : SEGMENT_BYTES);
}

/** What an origin has below this path; undefined where it has nothing. */
export function adContent(path: string): Buffer | undefined {
  const [, bytes] = /^\/ads\/[\w-]+\/\d+-(2000|60000)\.(?:json|m4s)$/.exec(path) ?? [];
  return bytes === undefined ? undefined : stampedContent(path, Number(bytes));
}
