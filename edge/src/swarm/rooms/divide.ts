import type { Viewer } from '../matching/viewer.js';

/** Fewer viewers than this share little. */
export const SMALLEST_ROOM = 16;

export type DividedBy = 'region' | 'network' | 'position' | 'acquaintance';

export interface Division<V> {
  readonly by: DividedBy;
  /** Who moves out. Both sides have at least `SMALLEST_ROOM` viewers. */
  readonly leaving: readonly V[];
}

/** Medians of the two halves this far apart are two audiences of one film. */
const APART_MS = 300_000;

/**
 * How a room that has grown too large becomes two, so that viewers who are of use to each other stay together: by
 * region, by network, by where they play, else by who knows whom already. Undefined: there are too few of them.
 */
export function divide<V extends Viewer & { readonly met: ReadonlySet<V> }>(
  viewers: readonly V[],
): Division<V> | undefined {
  if (viewers.length < 2 * SMALLEST_ROOM) return undefined;
  const byRegion = divideBy(viewers, ({ place }) => place.region);
  if (byRegion !== undefined) return { by: 'region', leaving: byRegion };
  const byNetwork = divideBy(viewers, ({ place }) => place.network?.toString());
  if (byNetwork !== undefined) return { by: 'network', leaving: byNetwork };
  const byPosition = divideByPosition(viewers);
  if (byPosition !== undefined) return { by: 'position', leaving: byPosition };
  return { by: 'acquaintance', leaving: neighbourhood(viewers, Math.floor(viewers.length / 2)) };
}

/** Whole groups, the largest first, each to the smaller side. Those of unknown group stay. */
function divideBy<V>(viewers: readonly V[], groupOf: (viewer: V) => string | undefined): V[] | undefined {
  const groups = new Map<string | undefined, V[]>();
  for (const viewer of viewers) {
    const group = groupOf(viewer);
    const known = groups.get(group);
    if (known === undefined) groups.set(group, [viewer]);
    else known.push(viewer);
  }
  const unknown = groups.get(undefined) ?? [];
  groups.delete(undefined);
  const leaving: V[] = [];
  let staying = unknown.length;
  for (const group of [...groups.values()].sort((one, other) => other.length - one.length)) {
    if (staying <= leaving.length) staying += group.length;
    else leaving.push(...group);
  }
  return leaving.length < SMALLEST_ROOM || staying < SMALLEST_ROOM ? undefined : leaving;
}

function divideByPosition<V extends Viewer>(viewers: readonly V[]): V[] | undefined {
  const placed = viewers
    .flatMap((viewer) => (viewer.positionMs === undefined ? [] : [{ viewer, at: viewer.positionMs }]))
    .sort((one, other) => one.at - other.at);
  if (2 * placed.length < viewers.length) return undefined;
  const middle = Math.floor(placed.length / 2);
  const quarter = placed[Math.floor(middle / 2)];
  const threeQuarters = placed[middle + Math.floor(middle / 2)];
  if (quarter === undefined || threeQuarters === undefined) return undefined;
  const leaving = placed.slice(middle).map(({ viewer }) => viewer);
  const apart = threeQuarters.at - quarter.at >= APART_MS;
  return apart && leaving.length >= SMALLEST_ROOM ? leaving : undefined;
}

/** So many viewers around one of them, friends of friends first. */
function neighbourhood<V extends { readonly met: ReadonlySet<V> }>(
  viewers: readonly V[],
  count: number,
): V[] {
  const here = new Set(viewers);
  const found = new Set<V>();
  for (const start of viewers) {
    // A set that grows while it is walked is a queue.
    if (found.size >= count) break;
    const queue = new Set([start]);
    for (const viewer of queue) {
      if (found.size >= count) break;
      if (found.has(viewer)) continue;
      found.add(viewer);
      for (const other of viewer.met) if (here.has(other)) queue.add(other);
    }
  }
  return [...found];
}
