import { bytesInWords } from '../../../src/overlay/wording.js';
import { EDGE, type Ledger, OTHERS } from './ledger.js';

/** A table: a row for who was given, a column for who gave. */
export function showMatrix(table: HTMLElement, ledger: Ledger): void {
  const viewers = ledger.names();
  const sources = [EDGE, ...viewers, ...(ledger.sent(OTHERS) > 0 ? [OTHERS] : [])];
  const most = Math.max(1, ...viewers.flatMap((to) => sources.map((from) => ledger.given(to, from))));
  const head = row([cell('th', 'To'), ...sources.map((source) => heading(source, 'col')), cell('th', 'All')]);
  const rows = viewers.map((to) =>
    row([
      heading(to, 'row'),
      ...sources.map((from) => given(ledger.given(to, from), { from, to, most })),
      cell('td', bytesInWords(ledger.received(to)), 'sum'),
    ]),
  );
  const foot = row([
    cell('th', 'All'),
    ...sources.map((source) => cell('td', bytesInWords(ledger.sent(source)), 'sum')),
    cell('td', bytesInWords(ledger.totals().all), 'sum'),
  ]);
  const [thead, tbody, tfoot] = [
    document.createElement('thead'),
    document.createElement('tbody'),
    document.createElement('tfoot'),
  ];
  thead.append(head);
  tbody.append(...rows);
  tfoot.append(foot);
  table.replaceChildren(thead, tbody, tfoot);
}

function given(
  bytes: number,
  { from, to, most }: { readonly from: string; readonly to: string; readonly most: number },
): HTMLElement {
  const made = cell('td', from === to ? '' : bytes === 0 ? '–' : bytesInWords(bytes));
  made.dataset.source = from;
  made.style.setProperty('--part', `${Math.round((100 * bytes) / most)}%`);
  return made;
}

function heading(name: string, scope: string): HTMLElement {
  const made = cell('th', '');
  made.setAttribute('scope', scope);
  const swatch = document.createElement('i');
  swatch.className = 'swatch';
  swatch.dataset.source = name;
  made.append(swatch, name);
  return made;
}

function row(cells: readonly HTMLElement[]): HTMLElement {
  const made = document.createElement('tr');
  made.append(...cells);
  return made;
}

function cell(tag: 'th' | 'td', text: string, className = ''): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}
