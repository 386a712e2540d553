import { createHash } from 'node:crypto';

/** `ill`: it does not answer, or has no origin that does. */
export type Health = 'well' | 'draining' | 'ill';

/** One way to the media: a PoP, or an edge of it that players reach by itself. */
export interface Pathway {
  readonly id: string;
  /** Words that it serves, such as `de`, `de-by` or `europe`; empty: none in particular. */
  readonly regions: readonly string[];
  /** Its share among those that are as near. 0: only where no other is left. */
  readonly weight: number;
  readonly health: Health;
  /** Clock time in milliseconds at which it last became well. */
  readonly wellSinceMs: number;
  /** Of what it may send, 0 to 1 and more; undefined: not said. */
  readonly load: number | undefined;
}

/** Who is to be served. */
export interface SteeredViewer {
  /** The same for all requests of one playback; spreads viewers. */
  readonly key: string;
  /** Where it is, in the words of `Pathway.regions`, the narrowest first; empty: not known. */
  readonly regions: readonly string[];
  /** The pathway it uses now. */
  readonly at: string | undefined;
  /** What its player has measured, in milliseconds by pathway. */
  readonly roundTripsMs: ReadonlyMap<string, number>;
}

export interface DecideOptions {
  /** Load from which viewers are sent elsewhere: at it none, at 1 all. */
  readonly highLoad: number;
  /** Over this time viewers come back to a pathway that is well again, not all at once. 0: at once. */
  readonly returnMs: number;
}

/** A load has to move by twice this before a viewer that moved for it moves back. */
export const LOAD_MARGIN = 0.05;
/** Round trips this much longer than the shortest are as good. */
const ROUND_TRIP_SLACK_MS = 30;
/** Of the pathway in use only so much of the round trip counts, so that noise moves nobody. */
const IN_USE_FACTOR = 0.7;
/** Ranks of nearness: a word of the viewer’s own has its place among them, then comes no word, then others’. */
const NO_WORD = 8;
const OTHERS_WORD = 9;

interface Rank {
  readonly id: string;
  /** 0 well, 1 draining, 2 ill. */
  readonly health: number;
  /** Too loaded for this viewer, or not yet to come back to. */
  readonly avoided: boolean;
  readonly distance: number;
  /** By the words alone, for those that are as near. */
  readonly region: number;
  readonly inUse: boolean;
  readonly draw: number;
}

/**
 * The order in which a viewer is to use the pathways: all of them, the well ones first. Among these come first those
 * that are not too loaded for this viewer, then the near ones, then the one in use, then as the viewer's key draws.
 */
export function decide(
  viewer: SteeredViewer,
  pathways: readonly Pathway[],
  { highLoad, returnMs }: DecideOptions,
  nowMs: number,
): string[] {
  const shortestMs = shortestRoundTrip(viewer, pathways);
  return pathways
    .map((pathway): Rank => {
      const inUse = viewer.at === pathway.id;
      const spread = drawOf(viewer.key, `${pathway.id} load`);
      const returned = inUse || returnMs <= 0 ? 1 : (nowMs - pathway.wellSinceMs) / returnMs;
      const away = awayShare(pathway.load, inUse, highLoad);
      return {
        id: pathway.id,
        health: HEALTH_RANK[pathway.health],
        avoided: spread < away || spread >= returned,
        distance: distanceOf(viewer, pathway, shortestMs),
        region: regionRank(viewer, pathway),
        inUse,
        draw: weighted(drawOf(viewer.key, pathway.id), pathway.weight),
      };
    })
    .sort(byRank)
    .map(({ id }) => id);
}

const HEALTH_RANK: Readonly<Record<Health, number>> = { well: 0, draining: 1, ill: 2 };

function byRank(one: Rank, other: Rank): number {
  return (
    one.health - other.health ||
    Number(one.avoided) - Number(other.avoided) ||
    one.distance - other.distance ||
    one.region - other.region ||
    Number(other.inUse) - Number(one.inUse) ||
    one.draw - other.draw ||
    (one.id < other.id ? -1 : 1)
  );
}

/** Which share of viewers a load sends away: of those that are there fewer than of those that are not. */
function awayShare(load: number | undefined, inUse: boolean, highLoad: number): number {
  if (load === undefined) return 0;
  const felt = load + (inUse ? -LOAD_MARGIN : LOAD_MARGIN);
  return highLoad >= 1 ? Number(felt >= 1) : Math.min(1, Math.max(0, (felt - highLoad) / (1 - highLoad)));
}

function shortestRoundTrip(viewer: SteeredViewer, pathways: readonly Pathway[]): number {
  const known = pathways.filter(({ health }) => health === 'well').map(({ id }) => feltRoundTrip(viewer, id));
  return Math.min(...known.map((ms) => ms ?? Number.POSITIVE_INFINITY));
}

function feltRoundTrip({ roundTripsMs, at }: SteeredViewer, id: string): number | undefined {
  const ms = roundTripsMs.get(id);
  return ms === undefined || id !== at ? ms : ms * IN_USE_FACTOR;
}

/** In whole steps, so that those that are about as near are alike. What was measured counts before what is written. */
function distanceOf(viewer: SteeredViewer, pathway: Pathway, shortestMs: number): number {
  const ms = feltRoundTrip(viewer, pathway.id);
  if (ms !== undefined && Number.isFinite(shortestMs)) {
    const times = (ms + ROUND_TRIP_SLACK_MS) / (shortestMs + ROUND_TRIP_SLACK_MS);
    return Math.min(OTHERS_WORD, Math.max(0, Math.floor(2 * Math.log2(times))));
  }
  return regionRank(viewer, pathway);
}

function regionRank(viewer: SteeredViewer, { regions }: Pathway): number {
  if (regions.length === 0) return NO_WORD;
  const place = viewer.regions.findIndex((word) => regions.includes(word));
  return place === -1 ? (viewer.regions.length === 0 ? NO_WORD : OTHERS_WORD) : Math.min(place, NO_WORD - 1);
}

/** From 0 (inclusive) to 1 (exclusive). */
function drawOf(key: string, purpose: string): number {
  return createHash('sha256').update(`${purpose}\n${key}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** The smallest of these falls to each pathway in proportion to its weight (weighted rendezvous hashing). */
function weighted(draw: number, weight: number): number {
  return weight <= 0 ? Number.POSITIVE_INFINITY : -Math.log(1 - draw) / weight;
}
