import { Fragment, type JSX } from 'preact';
import type { Streams } from '../../../../src/insight/queries/figures.js';
import { toStream } from '../../address/address.js';
import type { Column } from '../../figures/table.js';
import { AddressLink } from '../../parts/address-link.js';
import { Split } from '../../parts/split.js';
import type { Site } from '../../shell/site.js';

export type StreamRow = Streams['streams'][number];

/** Columns of streams: their names lead to all there is to say of one. */
export function streamColumns({ address, formats }: Site): Column<StreamRow>[] {
  const column = (
    title: string,
    csv: string,
    value: (row: StreamRow) => number | null,
    show: (row: StreamRow) => string,
    priority?: 2 | 3,
  ): Column<StreamRow> => ({ title, csv, value, show, sorts: true, ...(priority && { priority }) });
  return [
    {
      ...{ title: 'Stream', csv: 'stream', kind: 'text' },
      value: ({ presentation }) => presentation,
      show: ({ presentation }) => (
        <AddressLink to={toStream(address, presentation)}>
          <StreamName presentation={presentation} />
        </AddressLink>
      ),
    },
    column(
      'Now',
      'viewers_now',
      (row) => row.liveViewers,
      (row) => formats.count(row.liveViewers),
    ),
    column(
      'Mean viewers',
      'mean_viewers',
      (row) => row.meanViewers,
      (row) => formats.amount(row.meanViewers),
      2,
    ),
    column(
      'Sessions',
      'sessions',
      (row) => row.sessions,
      (row) => formats.count(row.sessions),
      3,
    ),
    column(
      'Watched',
      'watched_ms',
      (row) => row.watchedMs,
      (row) => formats.duration(row.watchedMs),
      2,
    ),
    column(
      'Delivered',
      'delivered_bytes',
      ({ edgeBytes, peerBytes }) => edgeBytes + peerBytes,
      ({ edgeBytes, peerBytes }) => formats.bytesText(edgeBytes + peerBytes),
    ),
    column(
      'From edge',
      'edge_bytes',
      (row) => row.edgeBytes,
      (row) => formats.bytesText(row.edgeBytes),
      3,
    ),
    {
      ...{ title: 'Offload', csv: 'offload', sorts: true },
      value: ({ offload }) => offload,
      show: ({ offload, peerBytes, edgeBytes }) => (
        <span class="share">
          <Split peer={peerBytes} edge={edgeBytes} />
          {formats.percent(offload)}
        </span>
      ),
    },
    column(
      'Stalled',
      'rebuffer_share',
      (row) => row.rebufferShare,
      (row) => formats.percent(row.rebufferShare),
      2,
    ),
  ];
}

const USUAL_FILE = /^\/(master|main|index|playlist|stream|manifest)\.m3u8$/;

/** The folder says more than the playlist's name, which is the same nearly everywhere; then it is only read out. */
export function StreamName({ presentation }: { readonly presentation: string }): JSX.Element {
  const slash = presentation.lastIndexOf('/');
  if (slash <= 0) return <>{broken(presentation)}</>;
  const file = presentation.slice(slash);
  return (
    <>
      {broken(presentation.slice(0, slash))}
      <span class={USUAL_FILE.test(file) ? 'unseen' : 'file'}>{file}</span>
    </>
  );
}

/** Where there is no room, lines end after a slash. */
function broken(path: string): JSX.Element[] {
  const parts = path.split(/(?<=\/)/);
  return parts.map((part, at) => (
    <Fragment key={`${at} ${part}`}>
      {part}
      <wbr />
    </Fragment>
  ));
}
