/**
 * Who has a turn when: each round begins one contender later than the last (A B C, B C A, C A B, A B C ...),
 * so that over the rounds everyone has had every place.
 */
export function rotation<T>(contenders: readonly T[], rounds: number): T[][] {
  return Array.from({ length: rounds }, (_, round) => {
    const first = contenders.length === 0 ? 0 : round % contenders.length;
    return [...contenders.slice(first), ...contenders.slice(0, first)];
  });
}
