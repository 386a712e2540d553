import { formatValue } from '../report/render.js';
import type { Metric, Turn } from '../report/report.js';
import { rotation } from '../rounds/rotation.js';
import { DISTURBED_CORES } from './measure.js';
import type { Stage } from './stage.js';

export interface RoundsOptions {
  readonly workload: string;
  readonly rounds: number;
  readonly headline: Metric;
}

/**
 * Gives each of `entrants` one turn in each round, in rotation, and shows each figure as it comes. Whoever has no
 * figure in one turn has none at all and no further turn: half of the rounds beside all of another's is no comparison.
 */
export async function inRounds<E extends { readonly name: string }>(
  stage: Pick<Stage, 'components' | 'attempt'>,
  entrants: readonly E[],
  { workload, rounds, headline }: RoundsOptions,
  turn: (entrant: E, round: number) => Promise<Readonly<Record<string, number>> | undefined>,
): Promise<Turn[]> {
  const turns: Turn[] = [];
  const out = new Set<string>();
  for (const [index, order] of rotation(entrants, rounds).entries()) {
    for (const entrant of order) {
      if (out.has(entrant.name)) continue;
      const values = await stage.attempt(entrant.name, () => turn(entrant, index + 1));
      if (values === undefined) {
        out.add(entrant.name);
        continue;
      }
      turns.push({ round: index + 1, contender: entrant.name, values });
      const other = values.otherCores ?? 0;
      const disturbed = other > DISTURBED_CORES ? ` (disturbed: ${other.toFixed(2)} cores)` : '';
      const figure = formatValue(values[headline.key] ?? 0, headline.unit);
      stage.components.progress(`${workload} ${index + 1}/${rounds}  ${entrant.name}: ${figure}${disturbed}`);
    }
  }
  return turns.filter(({ contender }) => !out.has(contender));
}
