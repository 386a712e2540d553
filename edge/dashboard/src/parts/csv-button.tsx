import type { JSX } from 'preact';
import { timeOf } from '../address/address.js';
import { type Table, toCsv } from '../figures/table.js';
import { dayField } from '../figures/times.js';
import { useSite } from '../shell/site.js';

/** Downloads what the table shows. */
export function CsvButton<Row>({ table }: { readonly table: Table<Row> }): JSX.Element {
  const { address } = useSite();
  const time = timeOf(address);
  const named = typeof time === 'string' ? time : `${dayField(time.fromMs)}-to-${dayField(time.toMs - 1)}`;
  return (
    <button
      type="button"
      class="quiet-button"
      onClick={() => download(`eddy-${table.name}-${named}.csv`, toCsv(table))}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M8 2v8m0 0 3-3m-3 3L5 7M3 13h10" />
      </svg>
      CSV<span class="unseen"> of {table.name}</span>
    </button>
  );
}

function download(name: string, text: string): void {
  // The mark at its beginning tells spreadsheets that it is UTF-8.
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
