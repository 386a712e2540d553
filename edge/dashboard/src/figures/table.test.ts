import { describe, expect, it } from 'vitest';
import { type Column, sortedBy, toCsv } from './table.js';

interface Row {
  readonly name: string;
  readonly share: number | null;
}

const NAME: Column<Row> = { title: 'Name', csv: 'name', value: ({ name }) => name, show: () => '' };
const SHARE: Column<Row> = { title: 'Share', csv: 'share', value: ({ share }) => share, show: () => '' };

describe('a table', () => {
  it('is a file that spreadsheets read, with exact figures and no formulas', () => {
    const rows = [
      { name: '/a, "b"', share: 0.123456789 },
      { name: '=cmd()', share: null },
      { name: '/two\nlines', share: -1 },
    ];
    expect(toCsv({ name: 'x', columns: [NAME, SHARE], rows })).toBe(
      'name,share\r\n"/a, ""b""",0.123456789\r\n\'=cmd(),\r\n"/two\nlines",-1\r\n',
    );
    expect(toCsv({ name: 'x', columns: [NAME], rows: [] })).toBe('name\r\n');
  });

  it('is sorted by the largest, or by name, with what has no figure last', () => {
    const rows = [
      { name: 'b', share: 1 },
      { name: 'a', share: null },
      { name: 'c', share: 2 },
    ];
    expect(sortedBy(rows, SHARE).map(({ name }) => name)).toEqual(['c', 'b', 'a']);
    expect(sortedBy(rows, NAME).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });
});
