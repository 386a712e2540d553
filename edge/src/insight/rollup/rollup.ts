import { Tally } from '../measures/measures.js';
import { CUBE_DIMENSIONS, type FactRow, PLAYER_CUBES, type PlayerDimension } from '../store/insight-store.js';
import type { Fact } from './fact.js';

/** Names as they are kept: bounded ones, where players or addresses name them. */
export type Bounded = (keys: Fact['keys']) => Fact['keys'];

/** Sums by each cube's keys. `isNewSession` is asked once for each fact, in order. */
export function rollUp(
  facts: readonly Fact[],
  isNewSession: (fact: Fact) => boolean,
  bounded: Bounded = (keys) => keys,
): FactRow[] {
  const rows = new Map<string, FactRow>();
  for (const fact of facts) {
    const all = bounded(fact.keys);
    const sessions = isNewSession(fact) ? 1 : 0;
    for (const cube of PLAYER_CUBES) {
      const dimensions = CUBE_DIMENSIONS[cube];
      let name: string = cube;
      for (const dimension of dimensions) name += `\n${all[dimension]}`;
      let row = rows.get(name);
      if (row === undefined) {
        const keys: { [Name in PlayerDimension]?: string } = {};
        for (const dimension of dimensions) keys[dimension] = all[dimension];
        row = { cube, keys, tally: new Tally() };
        rows.set(name, row);
      }
      row.tally.addAll(fact.tally);
      row.tally.add('sessions', sessions);
    }
  }
  return [...rows.values()];
}
