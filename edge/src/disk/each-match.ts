import type { DiskMatch, Labels } from './disk-tier.js';

/** Of the disk, at a time. */
const AT_ONCE = 8;
/** Objects looked at before other work gets its turn: about a millisecond. */
const TURN_OBJECTS = 5000;

/** Runs `run` for the key of each that matches. All are tried; then it rejects with the first failure. */
export async function eachMatch(
  objects: Iterable<Labels>,
  matches: DiskMatch,
  run: (key: string) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let seen = 0;
  for (const labels of objects) {
    if (matches(labels)) {
      const one: Promise<void> = run(labels.key)
        .catch((error: unknown) => void failures.push(error))
        .then(() => void running.delete(one));
      running.add(one);
      if (running.size >= AT_ONCE) await Promise.race(running);
    }
    if (++seen % TURN_OBJECTS === 0) await new Promise((turn) => setImmediate(turn));
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}
