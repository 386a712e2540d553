import type { SegmentName } from '../swarm/swarm.js';

export interface RankInput {
  /** This player's name in the room; undefined while it has none. */
  readonly self: string | undefined;
  /** Whether this player answers requests: what others fetch helps all, what it fetches helps nobody else. */
  readonly uploads: boolean;
  /** Names of the peers that answer requests. */
  readonly others: readonly string[];
  readonly segment: SegmentName;
}

/**
 * Whose turn it is to fetch a segment from the edge: this player's place, from 0, in an order of all players that
 * differs from segment to segment, so that nobody is always the fetcher. Those who know each other agree on it.
 * Infinity for one who answers no requests: it is never its turn.
 */
export function claimRank({ self, uploads, others, segment }: RankInput): number {
  if (!uploads) return Number.POSITIVE_INFINITY;
  if (self === undefined) return others.length;
  const mine = turn(self, segment);
  return others.filter((other) => {
    const theirs = turn(other, segment);
    return theirs < mine || (theirs === mine && other < self);
  }).length;
}

/** From 0 to below 1, different from segment to segment and from player to player: the scheduler's dice. */
export function chance(self: string | undefined, segment: SegmentName): number {
  return turn(`${self ?? ''}/chance`, segment) / 2 ** 32;
}

/** FNV-1a over the words, then mixed: names that differ in their last letter must not keep their order. */
function turn(player: string, { rendition, sequence }: SegmentName): number {
  const words = `${rendition}/${sequence}/${player}`;
  let hash = 0x811c9dc5;
  for (let index = 0; index < words.length; index++) {
    hash = Math.imul(hash ^ words.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
