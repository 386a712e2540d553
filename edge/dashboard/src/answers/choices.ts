import type { Audience, Edges } from '../../../src/insight/queries/figures.js';
import { type Address, AUDIENCE_PARTS, type FilterName } from '../address/address.js';
import { type Question, questionOf } from './answers.js';
import type { Ask } from './ask.js';

/** What can be chosen of: there are too many streams, which have a list of their own. */
export type ChosenName = Exclude<FilterName, 'stream'>;
export const CHOSEN_NAMES: readonly ChosenName[] = ['pop', 'edge', ...AUDIENCE_PARTS];

/** Values that figures of the time shown have, by name. */
export type Choices = { readonly [Name in ChosenName]?: readonly string[] };

/** The most that the edge gives at once. */
const MOST_EDGES = '500';

/** Asks for them. What this reader may not see, or the edge does not know, has none. */
export async function fetchChoices(
  ask: Ask,
  address: Address,
  names: readonly ChosenName[],
  abort: AbortSignal,
): Promise<Choices> {
  const answer = (question: Question): Promise<unknown> => ask(question, abort).catch(() => null);
  const wide = { ...address, filters: {} };
  const found: { [Name in ChosenName]?: readonly string[] } = {};
  const ofEdges = async (): Promise<void> => {
    const { path, needs } = questionOf('edges', wide, undefined);
    const edges = (await answer({ path: `${path}&limit=${MOST_EDGES}`, needs })) as Edges | null;
    if (names.includes('pop')) found.pop = namesOf(edges?.edges.map(({ pop }) => pop) ?? []);
    if (names.includes('edge')) found.edge = namesOf(edges?.edges.map(({ edge }) => edge) ?? []);
  };
  const ofAudience = AUDIENCE_PARTS.filter((by) => names.includes(by)).map(async (by) => {
    const audience = (await answer(questionOf('audience', { ...wide, by }, undefined))) as Audience | null;
    found[by] = namesOf(audience?.parts.map(({ key }) => key) ?? []);
  });
  const isOfEdges = names.includes('pop') || names.includes('edge');
  await Promise.all([...(isOfEdges ? [ofEdges()] : []), ...ofAudience]);
  return found;
}

/** Each once, from A on. What is not known, and what is summed up as others, is nothing to choose. */
export function namesOf(values: readonly string[]): string[] {
  const known = values.filter((value) => value !== '' && !value.startsWith('('));
  return [...new Set(known)].sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
}
