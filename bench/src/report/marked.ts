/** The text with `table` in the place that `begin` and `end` mark. Throws where there is none. */
export function withMarked(text: string, begin: string, end: string, table: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error('no place is marked for the table');
  return `${text.slice(0, from)}${begin}\n\n${table}\n\n${text.slice(to)}`;
}
