import type { Random } from '../../components.js';
import { sample } from './sample.js';

/** What matching knows of a viewer. */
export interface Viewer {
  readonly peer: string;
  /** Answers other viewers' requests. */
  readonly uploads: boolean;
  /** Viewers it is introduced to now. */
  readonly met: ReadonlySet<Viewer>;
  /** Names of viewers it could not reach or would not trust. */
  readonly failed: ReadonlySet<string>;
}

/** Two viewers whose introduction is given up for a newcomer that both meet instead. */
export interface Split<V extends Viewer> {
  readonly one: V;
  readonly other: V;
}

/** Whether the two would be of use to each other and nothing stands between them. */
export function mayMeet(one: Viewer, other: Viewer): boolean {
  return (
    one !== other &&
    (one.uploads || other.uploads) &&
    !one.met.has(other) &&
    !one.failed.has(other.peer) &&
    !other.failed.has(one.peer)
  );
}

/** Whom to introduce to `viewer`, among those with a slot to spare, until it has `maxPeers`. */
export function choosePeers<V extends Viewer>(
  viewer: V,
  withSpareSlot: readonly V[],
  maxPeers: number,
  random: Random,
): V[] {
  return sample(withSpareSlot, maxPeers - viewer.met.size, (other) => mayMeet(viewer, other), random);
}

/**
 * The fewest peers that a newcomer should get even when nobody has a slot to spare. Without it the first
 * `maxPeers + 1` viewers of a room would fill each other's slots and everyone after them would meet nobody.
 */
export function fewestPeers(maxPeers: number): number {
  return Math.max(1, Math.floor(maxPeers / 2));
}

/**
 * Introductions to give up so that `newcomer` gets in between, each worth two peers. Nobody's number of peers
 * shrinks, and a connected room stays connected: whoever was reached over a split pair is reached over the newcomer.
 */
export function chooseSplits<V extends Viewer & { readonly met: ReadonlySet<V> }>(
  newcomer: V,
  everyone: readonly V[],
  maxPeers: number,
  random: Random,
): Split<V>[] {
  const slots = Math.min(
    maxPeers - newcomer.met.size,
    2 * Math.ceil((fewestPeers(maxPeers) - newcomer.met.size) / 2),
  );
  const splits: Split<V>[] = [];
  const taken = new Set<V>();
  const free = (other: V): boolean => !taken.has(other) && mayMeet(newcomer, other);
  for (const one of sample(everyone, everyone.length <= 64 ? 64 : 4 * maxPeers, free, random)) {
    if (2 * (splits.length + 1) > slots) break;
    if (!free(one)) continue;
    const [other] = sample([...one.met], 1, free, random);
    if (other === undefined) continue;
    taken.add(one).add(other);
    splits.push({ one, other });
  }
  return splits;
}
