/**
 * Where a file differs from what `terraform fmt` would write, by line: indentation by open brackets, `=` of
 * neighbouring lines in one column, no blanks at ends. Enough for what stands here; held against the real one by hand.
 */
export function formatProblems(text: string): string[] {
  const problems: string[] = [];
  const lines = text.split('\n');
  if (lines.at(-1) !== '') problems.push('the last line does not end');
  let depth = 0;
  let neighbours: { line: number; column: number; key: string }[] = [];
  const endNeighbours = (): void => {
    const column = Math.max(...neighbours.map(({ key }) => key.length)) + 1;
    for (const one of neighbours)
      if (one.column !== column) problems.push(`line ${one.line}: = is not in the column of its neighbours`);
    neighbours = [];
  };
  for (const [index, raw] of lines.slice(0, -1).entries()) {
    const line = raw.trim();
    const number = index + 1;
    if (raw !== raw.trimEnd()) problems.push(`line ${number}: ends in blanks`);
    if (line === '' && lines[index - 1]?.trim() === '' && index > 0)
      problems.push(`line ${number}: a second blank line`);
    const bare = withoutStrings(line);
    const closesFirst = /^[)\]}]+/.exec(bare)?.[0].length ?? 0;
    const indent = raw.length - raw.trimStart().length;
    if (line !== '' && indent !== 2 * (depth - Math.min(closesFirst, 1)) && closesFirst <= 1)
      problems.push(`line ${number}: is indented by ${indent}`);
    const before = depth;
    depth += balance(bare);
    const key = /^("[\w.-]+"|[\w.-]+)(\s*)=(?![=>])/.exec(line);
    if (key === null) endNeighbours();
    else if (depth > before) {
      // What opens a block of its own is aligned with nobody.
      endNeighbours();
      if (key[2] !== ' ') problems.push(`line ${number}: = is not in the column of its neighbours`);
    } else
      neighbours.push({
        line: number,
        column: (key[1] ?? '').length + (key[2] ?? '').length,
        key: key[1] ?? '',
      });
  }
  endNeighbours();
  if (depth !== 0) problems.push('brackets do not close');
  return problems;
}

function withoutStrings(line: string): string {
  return line.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/\s*(#|\/\/).*$/, '');
}

/** How many levels deeper a line leaves: brackets that open and close on one line count once. */
function balance(line: string): number {
  let net = 0;
  for (const character of line) {
    if ('([{'.includes(character)) net++;
    else if (')]}'.includes(character)) net--;
  }
  return Math.max(-1, Math.min(1, net));
}
