import type { JSX } from 'preact';
import type { Integrity as IntegrityAnswer, Mismatches } from '../../../../src/insight/queries/figures.js';
import { toStream } from '../../address/address.js';
import type { Column } from '../../figures/table.js';
import { AddressLink } from '../../parts/address-link.js';
import { Card } from '../../parts/card.js';
import { NothingWatched } from '../../parts/states.js';
import { Tile } from '../../parts/tile.js';
import { type Site, useSite } from '../../shell/site.js';
import { StreamName } from '../streams/stream-columns.js';
import type { BodyProps, View } from '../view.js';
import { type ClaimRow, claimRows, doubtfulBytes } from './claims.js';

export const INTEGRITY_VIEW: View = {
  name: 'integrity',
  title: 'Integrity',
  about: 'What players claim and others do not confirm, and bytes that were not what they should be.',
  asks: () => ['integrity'],
  Body: Integrity,
};

function Integrity({ now, before }: BodyProps): JSX.Element | null {
  const site = useSite();
  const { formats } = site;
  const { integrity } = now;
  if (!integrity) return null;
  const { total, streams, unreportedBytes, swarm } = integrity;
  const swarmBefore = before?.integrity?.swarm;
  const earlier = before?.integrity?.total;
  if (total.edgeBytes + total.claimedEdgeBytes + total.unmatchedPeerBytes === 0) return <NothingWatched />;
  const rows = claimRows(total);
  const shareOf = (name: string): number | null =>
    rows.find(({ claim }) => claim.csv === name)?.share ?? null;
  const rowsBefore = earlier === undefined ? [] : claimRows(earlier);
  const shareBefore = (name: string): number | null | undefined =>
    rowsBefore.find(({ claim }) => claim.csv === name)?.share;
  return (
    <>
      <section class="tiles" aria-label="Key figures">
        <Tile
          title="Claimed, not sent"
          value={formats.percent(shareOf('unsentBytes'))}
          change={{
            now: shareOf('unsentBytes'),
            before: shareBefore('unsentBytes'),
            good: 'less',
            isShare: true,
          }}
        >
          of what players claim from the edge
        </Tile>
        <Tile
          title="Sent, not claimed"
          value={formats.percent(shareOf('unclaimedBytes'))}
          change={{
            now: shareOf('unclaimedBytes'),
            before: shareBefore('unclaimedBytes'),
            good: 'less',
            isShare: true,
          }}
        >
          of what the edge sent
        </Tile>
        <Tile
          title="Wrong digests"
          value={formats.bytes(total.hashFailedBytes)}
          change={{ now: total.hashFailedBytes, before: earlier?.hashFailedBytes, good: 'less', isSum: true }}
        >
          caught before they were played
        </Tile>
        <Tile
          title="Peers cut off"
          value={formats.count(swarm.disputedViewers)}
          change={{
            now: swarm.disputedViewers,
            before: swarmBefore?.disputedViewers,
            good: 'less',
            isSum: true,
          }}
        >
          accused by several; {formats.count(swarm.accusations)} pairs were parted over wrong bytes
        </Tile>
        <Tile title="Never reported" value={formats.bytes(unreportedBytes)}>
          sent to sessions that never reported, since this edge started
        </Tile>
      </section>
      <Card
        title="Claims that others do not confirm"
        about="a few are usual: viewers leave before their last report"
        isTable={true}
        table={{ name: 'mismatches', columns: claimColumns(site), rows }}
      />
      <StreamsInDoubt integrity={integrity} streams={streams} />
    </>
  );
}

function claimColumns({ formats }: Site): Column<ClaimRow>[] {
  return [
    {
      ...{ title: 'Claim', csv: 'claim', kind: 'text' },
      value: ({ claim }) => claim.csv,
      show: ({ claim, isSuspicious }) => (
        <>
          {claim.name} {isSuspicious && <span class="badge">look into it</span>}
          <span class="quiet below">{claim.about}</span>
        </>
      ),
    },
    {
      ...{ title: 'Amount', csv: 'bytes_or_ms' },
      value: ({ value }) => value,
      show: ({ claim, value }) =>
        claim.csv === 'cappedMs' ? formats.duration(value) : formats.bytesText(value),
    },
    {
      ...{ title: 'Share', csv: 'share' },
      value: ({ share }) => share,
      show: ({ share }) => (share === null ? '' : formats.percent(share)),
    },
  ];
}

type Stream = IntegrityAnswer['streams'][number];

function StreamsInDoubt(props: {
  readonly integrity: IntegrityAnswer;
  readonly streams: readonly Stream[];
}): JSX.Element | null {
  const { address, formats } = useSite();
  const rows = props.streams.filter((stream) => doubtfulBytes(stream) + stream.hashFailedBytes > 0);
  if (rows.length === 0) return null;
  const bytes = (title: string, csv: keyof Mismatches, priority?: 2 | 3): Column<Stream> => ({
    ...{ title, csv, sorts: true, ...(priority && { priority }) },
    value: (stream) => stream[csv],
    show: (stream) => formats.bytesText(stream[csv]),
  });
  const columns: Column<Stream>[] = [
    {
      ...{ title: 'Stream', csv: 'stream', kind: 'text' },
      value: ({ presentation }) => presentation,
      show: (stream) => (
        <>
          <AddressLink to={toStream(address, stream.presentation)}>
            <StreamName presentation={stream.presentation} />
          </AddressLink>{' '}
          {claimRows(stream).some(({ isSuspicious }) => isSuspicious) && (
            <span class="badge">look into it</span>
          )}
        </>
      ),
    },
    bytes('Not sent', 'unsentBytes'),
    bytes('Not claimed', 'unclaimedBytes', 2),
    bytes('Denied by the sender', 'unmatchedPeerBytes', 2),
    bytes('Never received', 'unmatchedUploadBytes', 3),
    bytes('Wrong digests', 'hashFailedBytes'),
  ];
  return (
    <Card
      title="Streams with the most of it"
      about="bytes that others do not confirm; to be looked into: where their share is above what is usual"
      isTable={true}
      table={{ name: 'mismatches-by-stream', columns, rows }}
    />
  );
}
