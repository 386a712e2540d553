/**
 * How many processes of a server crashed between two looks at its tree: those that came anew in place of others, and
 * those that are gone, unless some may end by themselves, as nginx's cache loader does after a minute.
 */
export function crashesBetween(
  before: readonly number[],
  after: readonly number[],
  { mayEnd }: { readonly mayEnd: boolean },
): number {
  const born = after.filter((pid) => !before.includes(pid)).length;
  const gone = before.filter((pid) => !after.includes(pid)).length;
  if (after.length === 0) return Math.max(1, gone);
  return mayEnd ? born : Math.max(born, gone);
}
