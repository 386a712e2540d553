import type { JSX } from 'preact';
import type { MoneySaved } from '../../../../src/insight/prices/money.js';
import type { Savings } from '../../../../src/insight/queries/figures.js';
import type { Column } from '../../figures/table.js';
import { Card } from '../../parts/card.js';
import { type Site, useSite } from '../../shell/site.js';

interface BillRow {
  readonly name: string;
  readonly csv: string;
  readonly bytes: number | null;
  readonly bill: number | null;
}

/** The bill as it is, and as it would have been. */
export function BillCard({ savings }: { readonly savings: Savings }): JSX.Element {
  const site = useSite();
  const { egress, saved, money } = savings;
  const currency = money?.currency ?? 'EUR';
  const savedBytes = saved?.savedBytes ?? 0;
  const most = money?.isUpperBound === true ? 'at most ' : '';
  const bill = (of: (paid: MoneySaved) => number | null): number | null =>
    money === null ? null : of(money);
  const rows: BillRow[] = [
    {
      ...{ name: `Edges, without peers ${most}`.trim(), csv: 'edge_without_peers' },
      ...{
        bytes: egress.edgeBytes + savedBytes,
        bill: bill(({ edgeBill, saved: worth }) => edgeBill + worth),
      },
    },
    { name: 'Edges, as it was', csv: 'edge', bytes: egress.edgeBytes, bill: bill((paid) => paid.edgeBill) },
    { name: `Saved ${most}`.trim(), csv: 'saved', bytes: savedBytes, bill: bill((paid) => paid.saved) },
    {
      name: 'From the origin',
      csv: 'origin',
      bytes: egress.originBytes,
      bill: bill((paid) => paid.originBill),
    },
    {
      name: 'Through TURN relays',
      csv: 'turn',
      bytes: egress.turnBytes,
      bill: bill((paid) => paid.turnBill),
    },
  ];
  return (
    <Card
      title="The bill"
      about="of the time shown; origin and TURN by their own plans"
      isTable={true}
      table={{ name: 'bill', columns: billColumns(site, currency), rows }}
    />
  );
}

function billColumns({ formats }: Site, currency: string): Column<BillRow>[] {
  return [
    { title: 'Egress', csv: 'egress', kind: 'text', value: ({ csv }) => csv, show: ({ name }) => name },
    {
      ...{ title: 'Volume', csv: 'bytes' },
      value: ({ bytes }) => bytes,
      show: ({ bytes }) => (bytes === null ? '–' : formats.bytesText(bytes)),
    },
    {
      ...{ title: 'Cost', csv: `cost_${currency.toLowerCase()}` },
      value: ({ bill }) => bill,
      show: ({ bill }) => (bill === null ? 'no plan' : formats.money(bill, currency)),
    },
  ];
}

interface RateRow {
  readonly name: string;
  readonly csv: string;
  readonly value: number;
  readonly show: string;
}

/** What the estimate is made of. */
export function RatesCard({ savings }: { readonly savings: Savings }): JSX.Element | null {
  const { formats } = useSite();
  const { saved } = savings;
  if (saved === null) return null;
  const bytes = (name: string, csv: string, value: number): RateRow => ({
    ...{ name, csv, value, show: formats.bytesText(value) },
  });
  const hours = (name: string, csv: string, value: number): RateRow => ({
    ...{ name, csv, value, show: formats.duration(value * 3.6e6) },
  });
  const rows =
    saved.kind === 'upper bound'
      ? [
          bytes('From peers, less the overhead', 'saved_bytes', saved.savedBytes),
          bytes('Overhead', 'overhead_bytes', saved.overheadBytes),
        ]
      : [
          bytes('Holdout: from the edge per hour', 'holdout_bytes_per_hour', saved.holdout.bytesPerHour),
          bytes('With peers: from the edge per hour', 'treated_bytes_per_hour', saved.treated.bytesPerHour),
          hours('Holdout: watched', 'holdout_hours', saved.holdout.watchedHours),
          hours('With peers: watched', 'treated_hours', saved.treated.watchedHours),
          bytes('Overhead: signaling, TURN, waste', 'overhead_bytes', saved.overheadBytes),
          {
            ...{ name: 'Streams by hour compared', csv: 'clusters', value: saved.clusters },
            show: formats.count(saved.clusters),
          },
        ];
  const columns: Column<RateRow>[] = [
    { title: 'Measure', csv: 'measure', kind: 'text', value: ({ csv }) => csv, show: ({ name }) => name },
    { title: 'Figure', csv: 'value', value: ({ value }) => value, show: ({ show }) => show },
  ];
  return (
    <Card
      title="What it rests on"
      about="the holdout gets everything from the edge"
      isTable={true}
      table={{ name: 'savings-basis', columns, rows }}
    />
  );
}
