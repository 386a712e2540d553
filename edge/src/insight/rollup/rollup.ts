import { Tally } from '../measures/measures.js';
import { CUBE_DIMENSIONS, CUBES, type Cube, type FactRow, type Keys } from '../store/insight-store.js';
import type { Fact } from './fact.js';

/** Names as they are kept: bounded ones, where players or addresses name them. */
export type Bounded = (keys: Fact['keys']) => Fact['keys'];

/** Sums by each cube's keys. `isNewSession` is asked once for each fact, in order. */
export function rollUp(
  facts: readonly Fact[],
  isNewSession: (fact: Fact) => boolean,
  bounded: Bounded = (keys) => keys,
): FactRow[] {
  const rows = new Map<string, { readonly cube: Cube; readonly keys: Keys; readonly tally: Tally }>();
  for (const fact of facts) {
    const all = bounded(fact.keys);
    const sessions = isNewSession(fact) ? 1 : 0;
    for (const cube of CUBES) {
      const dimensions = CUBE_DIMENSIONS[cube];
      const name = `${cube}\n${dimensions.map((dimension) => all[dimension]).join('\n')}`;
      let row = rows.get(name);
      if (row === undefined) {
        const keys = Object.fromEntries(dimensions.map((dimension) => [dimension, all[dimension]]));
        row = { cube, keys, tally: new Tally() };
        rows.set(name, row);
      }
      row.tally.addAll(fact.sums);
      row.tally.add('sessions', sessions);
    }
  }
  return [...rows.values()].map(({ cube, keys, tally }) => ({ cube, keys, sums: tally.sums }));
}
