import type { ComponentChildren, JSX } from 'preact';
import type { Table } from '../figures/table.js';
import { CsvButton } from './csv-button.js';
import { DataTable } from './data-table.js';

export interface CardProps<Row> {
  readonly title: string;
  readonly about?: ComponentChildren;
  readonly class?: string;
  /** What is drawn, as figures: below it, and as a file. */
  readonly table?: Table<Row>;
  /** The table is all there is to see. */
  readonly isTable?: boolean;
  readonly children?: ComponentChildren;
}

export function Card<Row>(props: CardProps<Row>): JSX.Element {
  const { title, about, table, isTable = false, children } = props;
  return (
    <section class={`card ${props.class ?? ''}`}>
      <header>
        <h2>{title}</h2>
        {table !== undefined && table.rows.length > 0 && <CsvButton table={table} />}
        {about !== undefined && <p class="about">{about}</p>}
      </header>
      {children}
      {table !== undefined && isTable && <DataTable table={table} />}
      {table !== undefined && !isTable && (
        <details class="figures">
          <summary>
            Figures<span class="unseen"> of {title} as a table</span>
          </summary>
          <DataTable table={table} />
        </details>
      )}
    </section>
  );
}
