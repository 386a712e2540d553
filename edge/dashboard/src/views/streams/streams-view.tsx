import type { JSX } from 'preact';
import { filtered, firstPage } from '../../address/address.js';
import { AddressLink } from '../../parts/address-link.js';
import { CsvButton } from '../../parts/csv-button.js';
import { DataTable } from '../../parts/data-table.js';
import { Empty, NothingWatched } from '../../parts/states.js';
import { useSite } from '../../shell/site.js';
import { LiveTiles } from '../live/live-view.js';
import { TrafficCharts } from '../live/traffic-charts.js';
import { ArmsCard } from '../quality/arms-card.js';
import { SavedCard } from '../savings/saved-card.js';
import type { BodyProps, View } from '../view.js';
import { type StreamRow, streamColumns } from './stream-columns.js';
import { SwarmSizeCard } from './swarm-size-chart.js';

export const STREAMS_VIEW: View = {
  name: 'streams',
  title: 'Streams',
  about: 'Which streams viewers share, and how that grows with their number.',
  aboutOne: 'One stream: who watches it, where its bytes come from, what was saved and how it played.',
  asks: ({ filters }) =>
    filters.stream === undefined ? ['streams'] : ['summary', 'timeline', 'quality', 'savings'],
  Body: ({ address, now, before }) =>
    address.filters.stream === undefined ? (
      <AllStreams address={address} now={now} before={before} />
    ) : (
      <OneStream address={address} now={now} before={before} />
    ),
};

function AllStreams({ address, now }: BodyProps): JSX.Element | null {
  const site = useSite();
  const { streams } = now;
  if (!streams) return null;
  if (streams.streams.length === 0) return <NothingWatched />;
  const wanted = address.find.toLowerCase();
  const rows = streams.streams.filter(({ presentation }) => presentation.toLowerCase().includes(wanted));
  return (
    <>
      {rows.length > 0 && <SwarmSizeCard rows={rows} columns={streamColumns(site)} />}
      <StreamList
        rows={rows}
        all={streams.streams.length}
        isFirst={address.after === undefined}
        next={streams.nextCursor}
        columns={streamColumns(site)}
      />
    </>
  );
}

function StreamList(props: {
  readonly rows: readonly StreamRow[];
  readonly all: number;
  /** They are those with the most bytes. */
  readonly isFirst: boolean;
  /** Where the next ones begin; null: there are no more. */
  readonly next: string | null;
  readonly columns: ReturnType<typeof streamColumns>;
}): JSX.Element {
  const { address, go } = useSite();
  const { rows, all, isFirst, next, columns } = props;
  const table = { name: 'streams', columns, rows };
  return (
    <section class="card">
      <header>
        <h2>{titleOf(isFirst, next)}</h2>
        <CsvButton table={table} />
        <p class="about">
          {rows.length === all ? `${all}, the most delivered first` : `${rows.length} of ${all}`}
        </p>
      </header>
      <label class="find">
        <span class="unseen">Find streams by a part of their name</span>
        <input
          type="search"
          placeholder="Find by name"
          value={address.find}
          onInput={(event) => go({ ...address, find: event.currentTarget.value }, 'replace')}
        />
      </label>
      {rows.length === 0 ? (
        <Empty title="No stream is called so">Take a part of the name away.</Empty>
      ) : (
        <DataTable table={table} sorts={true} />
      )}
      {(!isFirst || next !== null) && (
        <nav class="pages" aria-label="More streams">
          {!isFirst && <AddressLink to={firstPage(address)}>← Those with the most bytes</AddressLink>}
          {next !== null && <AddressLink to={{ ...address, after: next }}>The next ones →</AddressLink>}
        </nav>
      )}
    </section>
  );
}

function titleOf(isFirst: boolean, next: string | null): string {
  if (isFirst) return next === null ? 'All streams' : 'The 100 streams with the most bytes';
  return next === null ? 'The last streams' : 'Streams with fewer bytes';
}

function OneStream({ address, now, before }: BodyProps): JSX.Element | null {
  const { summary, timeline, quality, savings } = now;
  if (!summary || !timeline || !quality || !savings) return null;
  const isEmpty = summary.total.watchedMs + summary.total.edgeBytes === 0;
  return (
    <>
      <p class="back">
        <AddressLink to={filtered(address, 'stream', undefined)}>← All streams</AddressLink>
      </p>
      {isEmpty ? (
        <NothingWatched />
      ) : (
        <>
          <LiveTiles summary={summary} before={before?.summary ?? undefined} />
          <TrafficCharts timeline={timeline} before={before?.timeline ?? undefined} nowMs={summary.nowMs} />
          <SavedCard savings={savings} before={before?.savings ?? undefined} asked={summary.range} />
          <ArmsCard quality={quality} />
        </>
      )}
    </>
  );
}
