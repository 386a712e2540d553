import type { JSX } from 'preact';
import { type Column, sortedBy, type Table } from '../figures/table.js';
import { useSite } from '../shell/site.js';

export interface DataTableProps<Row> {
  readonly table: Table<Row>;
  /** It is sorted by what the address says. */
  readonly sorts?: boolean;
}

/** Rows below their headings; those that can be sorted have buttons for it. */
export function DataTable<Row>({ table, sorts = false }: DataTableProps<Row>): JSX.Element {
  const { address, go } = useSite();
  const { name, columns } = table;
  const sorted = sorts ? columns.find(({ csv }) => csv === address.sort) : undefined;
  const rows = sorted === undefined ? table.rows : sortedBy(table.rows, sorted);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: where it is too wide, keys scroll it.
    <section class="table" aria-label={`Table: ${name}`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                scope="col"
                class={classOf(column)}
                key={column.csv}
                {...(column === sorted ? { 'aria-sort': 'descending' } : {})}
              >
                {sorts && column.sorts === true ? (
                  <button type="button" onClick={() => go({ ...address, sort: column.csv })}>
                    <span class="sign" aria-hidden="true">
                      {column === sorted ? '▾' : '↕'}
                    </span>
                    {column.title}
                  </button>
                ) : (
                  column.title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={columns[0]?.value(row)}>{columns.map((column, index) => cell(column, row, index))}</tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function cell<Row>(column: Column<Row>, row: Row, index: number): JSX.Element {
  const content = column.show(row);
  return index === 0 ? (
    <th scope="row" class={classOf(column)} key={column.csv}>
      {content}
    </th>
  ) : (
    <td class={classOf(column)} key={column.csv}>
      {content}
    </td>
  );
}

function classOf<Row>({ kind = 'number', priority = 1 }: Column<Row>): string {
  return `${kind} priority-${priority}`;
}
