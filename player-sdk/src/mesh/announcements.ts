import type { SequenceRun } from '@eddy/protocol';
import type { SegmentName } from '../swarm/swarm.js';

/** Renditions remembered of one peer; the one that it spoke of longest ago goes first. A ladder has fewer. */
const MAX_RENDITIONS = 64;
/** Runs remembered of one rendition; the lowest go first, they are the oldest of a stream. */
const MAX_RUNS = 256;
const MAX_CLAIMS = 256;
/** A claim that the segment did not follow after so long has come to nothing: an abort, a failure, or a lie. */
const CLAIM_MS = 8_000;
const REMEMBERED_MS = 60_000;
const MAX_BROKEN_CLAIMS = 2;
/** Segments that one peer fetches at a time, and some that it forgot to speak of again. */
const MAX_PARTIAL = 32;
/** Chunks that no others follow for so long are not waited for: the fetch has come to nothing, or was a lie. */
const PARTS_MS = 4_000;
const NO_PARTS: ReadonlySet<number> = new Set();

/** What one peer said it holds and fetches. Bounded, whatever it says. */
export class Announcements {
  readonly #held = new Map<number, SequenceRun[]>();
  readonly #claims = new Map<string, number>();
  readonly #parts = new Map<string, { readonly chunks: Set<number>; grewAt: number }>();

  have(rendition: number, runs: readonly SequenceRun[]): void {
    const known = this.#held.get(rendition) ?? [];
    this.#held.delete(rendition);
    this.#held.set(rendition, addRuns(known, runs).slice(-MAX_RUNS));
    dropFirst(this.#held, MAX_RENDITIONS);
    this.#forgetParts(rendition, runs);
    for (const key of this.#claims.keys()) if (isAmong(key, rendition, runs)) this.#claims.delete(key);
  }

  lost(rendition: number, runs: readonly SequenceRun[]): void {
    this.#forgetParts(rendition, runs);
    const known = this.#held.get(rendition);
    if (known === undefined) return;
    const left = runs.reduce(removeRun, known).slice(-MAX_RUNS);
    if (left.length === 0) this.#held.delete(rendition);
    else this.#held.set(rendition, left);
  }

  parts(name: SegmentName, runs: readonly SequenceRun[], now: number): void {
    const key = keyOf(name);
    const known = this.#parts.get(key) ?? { chunks: new Set(), grewAt: now };
    this.#parts.delete(key);
    this.#parts.set(key, known);
    const before = known.chunks.size;
    for (const { first, count } of runs) {
      for (let chunk = first; chunk < first + count; chunk++) known.chunks.add(chunk);
    }
    if (known.chunks.size > before) known.grewAt = now;
    dropFirst(this.#parts, MAX_PARTIAL);
  }

  /** Chunks that it holds of a segment which it does not hold whole. */
  partsOf(name: SegmentName, now: number): ReadonlySet<number> {
    const known = this.#parts.get(keyOf(name));
    return known === undefined || now - known.grewAt > PARTS_MS ? NO_PARTS : known.chunks;
  }

  has({ rendition, sequence }: SegmentName): boolean {
    const runs = this.#held.get(rendition);
    return runs?.some(({ first, count }) => sequence >= first && sequence < first + count) ?? false;
  }

  claim(name: SegmentName, now: number): void {
    const key = keyOf(name);
    // A claim that is said again and again must not keep others waiting for ever.
    if (!this.#claims.has(key)) this.#claims.set(key, now);
    dropFirst(this.#claims, MAX_CLAIMS);
  }

  /** When it claimed the segment. One whose claims came to nothing lately is not believed. */
  claimedAt(name: SegmentName, now: number): number | undefined {
    const claimedAt = this.#claims.get(keyOf(name));
    return claimedAt === undefined || this.#brokenClaims(now) >= MAX_BROKEN_CLAIMS ? undefined : claimedAt;
  }

  #brokenClaims(now: number): number {
    let broken = 0;
    for (const at of this.#claims.values()) if (now - at > CLAIM_MS && now - at < REMEMBERED_MS) broken++;
    return broken;
  }

  #forgetParts(rendition: number, runs: readonly SequenceRun[]): void {
    for (const key of this.#parts.keys()) if (isAmong(key, rendition, runs)) this.#parts.delete(key);
  }
}

/** The fewest runs that say the same, in rising order. */
export function runsOf(sequences: readonly number[]): SequenceRun[] {
  return addRuns(
    [],
    sequences.map((first) => ({ first, count: 1 })),
  );
}

function isAmong(key: string, rendition: number, runs: readonly SequenceRun[]): boolean {
  const [ofRendition, sequence] = key.split('/').map(Number);
  if (ofRendition !== rendition || sequence === undefined) return false;
  return runs.some(({ first, count }) => sequence >= first && sequence < first + count);
}

function keyOf({ rendition, sequence }: SegmentName): string {
  return `${rendition}/${sequence}`;
}

function addRuns(known: readonly SequenceRun[], added: readonly SequenceRun[]): SequenceRun[] {
  const rising = [...known, ...added].filter(({ count }) => count > 0).sort((a, b) => a.first - b.first);
  const merged: SequenceRun[] = [];
  for (const run of rising) {
    const last = merged.at(-1);
    if (last !== undefined && run.first <= last.first + last.count) {
      const end = Math.max(last.first + last.count, run.first + run.count);
      merged[merged.length - 1] = { first: last.first, count: end - last.first };
    } else {
      merged.push(run);
    }
  }
  return merged;
}

function removeRun(known: readonly SequenceRun[], gone: SequenceRun): SequenceRun[] {
  const goneEnd = gone.first + gone.count;
  return known.flatMap(({ first, count }) => {
    const end = first + count;
    const before = { first, count: Math.min(end, gone.first) - first };
    const after = { first: Math.max(first, goneEnd), count: end - Math.max(first, goneEnd) };
    return [before, after].filter((run) => run.count > 0);
  });
}

function dropFirst<Key, Value>(map: Map<Key, Value>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
