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

/**
 * Who has a turn when, where who went before may matter: over twice as many rounds as there are contenders (as many, if
 * their number is even) everyone has had every place, and has followed everyone else equally often (Williams 1949).
 */
export function balanced<T>(contenders: readonly T[], rounds: number): T[][] {
  const count = contenders.length;
  // 0, 1, n-1, 2, n-2 …: the steps between neighbours are all different.
  const steps = Array.from({ length: count }, (_, place) =>
    place % 2 === 0 ? (count - place / 2) % count : (place + 1) / 2,
  );
  return Array.from({ length: rounds }, (_, round) => {
    const order = steps.flatMap((step) => contenders.slice((step + round) % count).slice(0, 1));
    return count % 2 === 1 && round % (2 * count) >= count ? order.reverse() : order;
  });
}
