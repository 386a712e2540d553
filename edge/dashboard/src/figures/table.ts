import type { ComponentChildren } from 'preact';

/** One description of rows for the page and for a CSV file: what is downloaded is what is seen. */
export interface Column<Row> {
  readonly title: string;
  /** Name in the file, with its unit: `edge_bytes`. */
  readonly csv: string;
  /** In the file: exact, without a unit. Null: no figure. */
  readonly value: (row: Row) => string | number | null;
  readonly show: (row: Row) => ComponentChildren;
  /** Texts and times stand left, numbers right. */
  readonly kind?: 'text' | 'time' | 'number';
  /** 2 and 3 leave where the page is narrow; the file has them all. Default: 1. */
  readonly priority?: 1 | 2 | 3;
  /** Rows can be sorted by it, the largest first. */
  readonly sorts?: boolean;
}

export interface Table<Row> {
  /** Of the file, and for those who cannot see. */
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}

/** The largest first; texts from A on. Rows without a figure come last. */
export function sortedBy<Row>(rows: readonly Row[], column: Column<Row>): Row[] {
  return [...rows].sort((one, other) => {
    const [first, second] = [column.value(one), column.value(other)];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    if (typeof first === 'number' && typeof second === 'number') return second - first;
    return String(first).localeCompare(String(second));
  });
}

/** RFC 4180. */
export function toCsv<Row>({ columns, rows }: Table<Row>): string {
  const lines = rows.map((row) => columns.map(({ value }) => cell(value(row))).join(','));
  return [columns.map(({ csv }) => csv).join(','), ...lines, ''].join('\r\n');
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // Names come from players: a spreadsheet must not take one for a formula.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
