import type { Random } from '../../components.js';
import { cost, gap } from './cost.js';
import { sample } from './sample.js';
import type { Viewer } from './viewer.js';

/** Candidates that are compared for each place to fill. */
const COMPARED = 6;
/** Whose costs tell what is usual in a room. */
const ASKED_FOR_USUAL = 15;
/** Chosen at random, whatever they cost: a swarm of near pairs only would fall apart into islands. */
const AT_RANDOM = 0.25;
/** A pair is given up for a better one only where the gain is plain. */
const WORTH_SWAPPING = 0.75;
/** Only for those whose playheads lost each other. */
const LOST_GAP = 0.9;

/** Two viewers whose introduction is given up for a newcomer that both meet instead. */
export interface Split<V extends Viewer> {
  readonly one: V;
  readonly other: V;
}

/** Whether the two would be of use to each other and nothing stands between them. */
export function mayMeet(one: Viewer, other: Viewer): boolean {
  return (
    one !== other &&
    !(one.disputed || other.disputed) &&
    (one.uploads || other.uploads) &&
    !one.met.has(other) &&
    !one.failed.has(other.peer) &&
    !other.failed.has(one.peer)
  );
}

/**
 * Whom to introduce to `viewer`, among those with a slot to spare, until it has `maxPeers`; none that costs more than
 * `maxCost`, but for some at random.
 */
export function choosePeers<V extends Viewer>(
  viewer: V,
  withSpareSlot: readonly V[],
  { maxPeers, maxCost }: { readonly maxPeers: number; readonly maxCost: number },
  random: Random,
): V[] {
  const slots = maxPeers - viewer.met.size;
  if (slots <= 0) return [];
  const found = sample(withSpareSlot, slots * COMPARED, (other) => mayMeet(viewer, other), random);
  let strangers = 0;
  for (let slot = 0; slot < slots; slot++) if (random() < AT_RANDOM) strangers++;
  const nearest = byCost(viewer, found.slice(strangers)).filter((other) => cost(viewer, other) <= maxCost);
  return [...found.slice(0, strangers), ...nearest].slice(0, slots);
}

/** What the nearest quarter of the others would cost `viewer` at most. */
export function usualCost<V extends Viewer>(viewer: V, everyone: readonly V[], random: Random): number {
  const costs = sample(everyone, ASKED_FOR_USUAL, (other) => other !== viewer, random)
    .map((other) => cost(viewer, other))
    .sort((one, other) => one - other);
  return costs[Math.floor(costs.length / 4)] ?? Number.POSITIVE_INFINITY;
}

/** A peer to give up for a better one, now that `viewer` plays somewhere else. */
export function chooseSwap<V extends Viewer & { readonly met: ReadonlySet<V> }>(
  viewer: V,
  withSpareSlot: readonly V[],
  random: Random,
): { readonly lost: V; readonly found: V } | undefined {
  const away = [...viewer.met].filter((other) => gap(viewer.positionMs, other.positionMs) >= LOST_GAP);
  const lost = byCost(viewer, away).at(-1);
  if (lost === undefined) return undefined;
  const [found] = byCost(
    viewer,
    sample(withSpareSlot, 2 * COMPARED, (other) => mayMeet(viewer, other), random),
  );
  if (found === undefined || cost(viewer, lost) - cost(viewer, found) < WORTH_SWAPPING) return undefined;
  return { lost, found };
}

function byCost<V extends Viewer>(viewer: V, others: readonly V[]): V[] {
  const costs = new Map(others.map((other) => [other, cost(viewer, other)]));
  return [...others].sort((one, other) => (costs.get(one) ?? 0) - (costs.get(other) ?? 0));
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
  // Whoever is elsewhere would have to be asked first.
  const free = (other: V): boolean =>
    other.home === undefined && !taken.has(other) && mayMeet(newcomer, other);
  const candidates = sample(everyone, everyone.length <= 64 ? 64 : 4 * maxPeers, free, random);
  for (const one of byCost(newcomer, candidates)) {
    if (2 * (splits.length + 1) > slots) break;
    if (!free(one)) continue;
    const [other] = byCost(newcomer, sample([...one.met], one.met.size, free, random));
    if (other === undefined) continue;
    taken.add(one).add(other);
    splits.push({ one, other });
  }
  return splits;
}

/** Offered to a viewer of another edge at a time: others offer it some too, and it asks again. */
const OFFERED_AT_ONCE = 3;

/** Who of ours meets a viewer of another edge, and whom it gives up for that. */
export interface Offer<V extends Viewer> {
  readonly here: V;
  readonly insteadOf?: V;
}

/**
 * Whom to offer to `visitor`, who is connected to another edge and has `slots` to spare there. Where nobody here has
 * one, and it has fewer than `fewest` peers, it gets in between two, as a newcomer would.
 */
export function chooseForVisitor<V extends Viewer & { readonly met: ReadonlySet<V> }>(
  visitor: V,
  here: { readonly withSpareSlot: readonly V[]; readonly everyone: readonly V[] },
  { slots, peers, maxPeers }: { readonly slots: number; readonly peers: number; readonly maxPeers: number },
  random: Random,
): Offer<V>[] {
  const most = visitor.met.size + Math.min(slots, OFFERED_AT_ONCE);
  const anybody = { maxPeers: most, maxCost: Number.POSITIVE_INFINITY };
  const found = choosePeers(visitor, here.withSpareSlot, anybody, random);
  if (found.length > 0) return found.map((one) => ({ here: one }));
  if (slots < 2 || peers >= fewestPeers(maxPeers)) return [];
  const [split] = chooseSplits(visitor, here.everyone, maxPeers, random);
  if (split === undefined) return [];
  const { one, other } = split;
  return [
    { here: one, insteadOf: other },
    { here: other, insteadOf: one },
  ];
}
