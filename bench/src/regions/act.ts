import { setTimeout as sleep } from 'node:timers/promises';
import type { RegionViewer, Snapshot } from './viewers.js';

const LOOK_MS = 100;

/** How long it took until `holds`, in milliseconds; undefined: not within `mostSeconds`. */
export async function timeUntil(
  holds: () => boolean | Promise<boolean>,
  mostSeconds: number,
): Promise<number | undefined> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < mostSeconds * 1000) {
    if (await holds()) return performance.now() - startedAt;
    await sleep(LOOK_MS);
  }
  return undefined;
}

/** What all viewers together had while something happened. */
export interface WatchedMeanwhile {
  readonly seconds: number;
  readonly stalls: number;
  readonly stalledMs: number;
  /** Of the viewer whose picture came on least: seconds of it by seconds that passed. */
  readonly slowest: number;
  readonly problems: readonly string[];
  /** Bytes from other viewers, by all. */
  readonly peerShare: number;
}

export async function watchedMeanwhile<T>(
  viewers: readonly RegionViewer[],
  happens: () => Promise<T>,
): Promise<T & WatchedMeanwhile> {
  const look = (): Promise<Snapshot[]> => Promise.all(viewers.map((viewer) => viewer.snapshot()));
  const before = await look();
  const result = await happens();
  const after = await look();
  const pairs = after.flatMap((end, index) => {
    const start = before[index];
    return start === undefined ? [] : [{ start, end }];
  });
  const sum = (value: (snapshot: Snapshot) => number): number =>
    pairs.reduce((total, { start, end }) => total + value(end) - value(start), 0);
  const peerBytes = sum((snapshot) => snapshot.peerBytes);
  return {
    ...result,
    seconds: Math.max(...pairs.map(({ start, end }) => end.atMs - start.atMs)) / 1000,
    stalls: sum(({ stalls }) => stalls),
    stalledMs: sum(({ stalledMs }) => stalledMs),
    slowest: Math.min(
      ...pairs.map(({ start, end }) => ((end.position - start.position) * 1000) / (end.atMs - start.atMs)),
    ),
    problems: pairs.flatMap(({ start, end }) => end.problems.slice(start.problems.length)),
    peerShare: peerBytes / Math.max(1, peerBytes + sum((snapshot) => snapshot.edgeBytes)),
  };
}
