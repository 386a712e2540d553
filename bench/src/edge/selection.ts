import { BenchError } from '../errors.js';

/** Those of `all` that `only` names, in the order of `all`. Throws BenchError `usage` with what can be named. */
export function selectByName<T extends { readonly name: string }>(
  all: readonly T[],
  only: readonly string[] | undefined,
  kind = 'workload',
): T[] {
  if (only === undefined) return [...all];
  const unknown = only.filter((name) => !all.some((candidate) => candidate.name === name));
  if (unknown.length > 0 || only.length === 0) {
    const known = all.map(({ name }) => name).join(', ');
    throw new BenchError(
      'usage',
      `there is no ${kind} ${unknown.map((name) => JSON.stringify(name)).join(', ')}; there are ${known}`,
    );
  }
  return all.filter(({ name }) => only.includes(name));
}
