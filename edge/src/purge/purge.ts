import type { ObjectTier } from '../cache/memory-tier.js';
import { expired, type StoredResponse } from '../cache/stored-response.js';
import type { Clock } from '../components.js';
import { isMediaPath } from '../digests/media-path.js';
import type { SegmentDigests } from '../digests/segment-digests.js';
import type { BackingStore } from '../fill/backing-store.js';
import type { PurgeMatch } from '../fill/fill.js';
import type { FillTable } from '../fill/fill-table.js';
import type { PassMarks } from '../fill/pass-marks.js';

/** What a purge means. Paths have their site's prefix. */
export type PurgeTarget =
  | { readonly by: 'path'; readonly path: string }
  | { readonly by: 'prefix'; readonly prefix: string }
  | { readonly by: 'tag'; readonly tag: string }
  | { readonly by: 'all' };

/** What a purge hit. */
export interface PurgeReport {
  /** Objects in memory and on disk, each once. */
  readonly objects: number;
  /** Fills under way, which go to those who wait and are not stored. */
  readonly fills: number;
  /** Some of their keys, so that a look tells whether the right ones were hit. */
  readonly keys: readonly string[];
}

/** What a hard purge took back, for whoever holds copies that the edge cannot reach. Names have their site's prefix. */
export interface PurgedNames {
  /** Of media segments. */
  readonly paths: readonly string[];
  readonly prefixes: readonly string[];
}

export interface Purge {
  /** Resolves when no request that comes from then on is answered with what was purged. */
  hard(target: PurgeTarget): Promise<PurgeReport>;
  /** What is hit is stale from now on: served while the origin is asked or fails, where that is allowed. */
  soft(target: PurgeTarget): Promise<PurgeReport>;
  paths(paths: readonly string[]): Promise<PurgeReport>;
}

export interface PurgeComponents {
  readonly tier: ObjectTier;
  readonly backing: BackingStore;
  readonly table: FillTable;
  readonly marks: PassMarks;
  readonly digests: SegmentDigests;
  /** Since the epoch. */
  readonly wallClock: Clock;
  /** Others who hold copies; each resolves when they are gone there. */
  readonly alsoFrom?: readonly ((keys: readonly string[]) => Promise<void>)[];
  /** Told once the objects are gone, so that what is fetched anew is new. */
  readonly onPurged?: (names: PurgedNames) => void;
}

const LISTED_KEYS = 100;
/** Of every site. */
const EVERYTHING = '/';

export function createPurge(components: PurgeComponents): Purge {
  const { tier, backing, table, marks, digests, wallClock, alsoFrom = [], onPurged } = components;

  /** By path there is an index; else every object is looked at. */
  function heldBy(matches: PurgeMatch, paths: readonly string[] | undefined): StoredResponse[] {
    return paths === undefined ? tier.matching(matches) : paths.flatMap((path) => tier.ofPath(path));
  }

  function forget(
    matches: PurgeMatch,
    paths: readonly string[] | undefined,
  ): { readonly fills: readonly string[]; readonly keys: readonly string[] } {
    const fills = table.purge(matches);
    const held = heldBy(matches, paths);
    for (const { key, path } of held) {
      tier.delete(key);
      digests.invalidate(path);
    }
    for (const path of fills) digests.invalidate(path);
    return { fills, keys: held.map(({ key }) => key) };
  }

  async function hard(
    matches: PurgeMatch,
    { paths, prefix }: { readonly paths?: readonly string[] | undefined; readonly prefix?: string } = {},
  ): Promise<PurgeReport> {
    const { fills, keys } = forget(matches, paths);
    const gone = [...keys];
    // By path they are forgotten already. Other purges do not find the objects that digests outlive.
    const digested = paths === undefined ? digests.invalidateMatching(matches) : [];
    try {
      const onDisk = await backing.purge(matches);
      // A request that came meanwhile may have brought back what the disk still had.
      forget(matches, paths);
      gone.push(...onDisk);
      await Promise.all(alsoFrom.map((drop) => drop(gone)));
    } finally {
      // A prefix says all, also of what nobody here has heard of.
      const hit = prefix === undefined ? (paths ?? [...fills, ...digested, ...gone.map(pathOfKey)]) : [];
      onPurged?.({
        paths: [...new Set(hit)].filter(isMediaPath),
        prefixes: prefix === undefined ? [] : [prefix],
      });
    }
    return report(gone, fills.length);
  }

  async function soft(matches: PurgeMatch, paths?: readonly string[]): Promise<PurgeReport> {
    const nowMs = wallClock.now();
    const held = heldBy(matches, paths);
    for (const object of held) tier.set(expired(object, nowMs));
    const fills = table.purge(matches);
    const keys = held.map(({ key }) => key);
    const onDisk = await backing.expire(matches);
    await Promise.all(alsoFrom.map((drop) => drop([...keys, ...onDisk])));
    return report([...keys, ...onDisk], fills.length);
  }

  function unmark(target: PurgeTarget): void {
    if (target.by === 'path') marks.delete(target.path);
  }

  return {
    hard(target) {
      unmark(target);
      if (target.by === 'path') digests.invalidate(target.path);
      return hard(matcherOf(target), {
        paths: pathsOf(target),
        ...(target.by === 'prefix' ? { prefix: target.prefix } : {}),
        ...(target.by === 'all' ? { prefix: EVERYTHING } : {}),
      });
    },
    soft(target) {
      unmark(target);
      return soft(matcherOf(target), pathsOf(target));
    },
    paths(paths) {
      const wanted = new Set(paths);
      for (const path of paths) {
        marks.delete(path);
        digests.invalidate(path);
      }
      return hard(({ path }) => wanted.has(path), { paths });
    },
  };
}

/** Keys are a path, perhaps with a query, then with a variant. */
function pathOfKey(key: string): string {
  return /^[^?\n]*/.exec(key)?.[0] ?? key;
}

function report(keys: readonly string[], fills: number): PurgeReport {
  const distinct = [...new Set(keys)];
  return { objects: distinct.length, fills, keys: distinct.slice(0, LISTED_KEYS) };
}

function matcherOf(target: PurgeTarget): PurgeMatch {
  switch (target.by) {
    case 'path':
      return ({ path }) => path === target.path;
    case 'prefix':
      return ({ path }) => path.startsWith(target.prefix);
    case 'tag':
      return ({ tags }) => tags.includes(target.tag);
    case 'all':
      return () => true;
  }
}

function pathsOf(target: PurgeTarget): readonly string[] | undefined {
  return target.by === 'path' ? [target.path] : undefined;
}
