import type { JSX } from 'preact';
import type { Summary } from '../../../../src/insight/queries/figures.js';
import { AUDIENCE_PARTS } from '../../address/address.js';
import { Card } from '../../parts/card.js';
import { PeerAndEdge } from '../../parts/split.js';
import { NothingWatched } from '../../parts/states.js';
import { Tile } from '../../parts/tile.js';
import { useSite } from '../../shell/site.js';
import { streamColumns } from '../streams/stream-columns.js';
import type { BodyProps, View } from '../view.js';
import { TrafficCharts } from './traffic-charts.js';

const MOST_WATCHED = 5;

export const LIVE_VIEW: View = {
  name: 'live',
  title: 'Live now',
  about: 'Who is watching, and how much of it viewers pass on to each other.',
  asks: () => ['summary', 'timeline', 'streams'],
  Body: Live,
};

function Live({ address, now, before }: BodyProps): JSX.Element | null {
  const site = useSite();
  const { summary, timeline, streams } = now;
  if (!summary || !timeline || !streams) return null;
  const isEmpty = summary.live.viewers === 0 && summary.total.watchedMs + summary.total.edgeBytes === 0;
  const isByAudience = AUDIENCE_PARTS.some((name) => address.filters[name] !== undefined);
  const rows = streams.streams
    .filter(({ presentation }) => (address.filters.stream ?? presentation) === presentation)
    .slice(0, MOST_WATCHED);
  return (
    <>
      <LiveTiles summary={summary} before={before?.summary ?? undefined} />
      {isEmpty ? (
        <NothingWatched />
      ) : (
        <>
          <TrafficCharts timeline={timeline} before={before?.timeline ?? undefined} nowMs={summary.nowMs} />
          <Card
            title="Most delivered streams"
            {...(isByAudience ? { about: 'of all viewers: streams are not told apart by who watches' } : {})}
            isTable={true}
            table={{ name: 'most-delivered', columns: streamColumns(site), rows }}
          />
        </>
      )}
    </>
  );
}

/** Key figures, of the moment and of the time shown. */
export function LiveTiles(props: {
  readonly summary: Summary;
  readonly before: Summary | undefined;
}): JSX.Element {
  const { formats, address } = useSite();
  const isNarrowed = Object.keys(address.filters).length > 0;
  const { live, total, arms } = props.summary;
  const before = props.before?.total;
  const { edgeBytes, peerBytes } = total;
  const [treated, holdout] = (['treated', 'holdout'] as const).map((name) =>
    arms.find(({ arm, watchedMs }) => arm === name && watchedMs > 0),
  );
  const isCompared = treated !== undefined && holdout !== undefined;
  return (
    <section class="tiles traffic" aria-label="Key figures">
      <Tile title="Viewers now" id="viewers" value={formats.count(live.viewers)}>
        {isNarrowed ? 'in the last whole minute' : 'reported in the last 30\u00a0s'}
      </Tile>
      <Tile title="Throughput now" value={formats.bitRate(live.edgeBytesPerSecond + live.peerBytesPerSecond)}>
        <PeerAndEdge
          peer={live.peerBytesPerSecond}
          edge={live.edgeBytesPerSecond}
          show={(rate) => formats.bitRateText(rate)}
        />
      </Tile>
      <Tile
        title="Offload"
        value={formats.percent(total.offload)}
        change={{ now: total.offload, before: before?.offload, good: 'more', isShare: true }}
      >
        {isCompared
          ? `of media bytes; ${formats.percent(treated.offload)} where peers are on`
          : 'of media bytes came from peers'}
      </Tile>
      <Tile
        title="Delivered"
        id="delivered"
        value={formats.bytes(edgeBytes + peerBytes)}
        change={{
          ...{ now: edgeBytes + peerBytes, good: 'neither', isSum: true },
          before: before && before.edgeBytes + before.peerBytes,
        }}
      >
        <PeerAndEdge
          id="delivered"
          peer={peerBytes}
          edge={edgeBytes}
          show={(bytes) => formats.bytesText(bytes)}
        />
      </Tile>
      <Tile
        title="Stalled"
        value={formats.percent(total.rebufferShare)}
        change={{ now: total.rebufferShare, before: before?.rebufferShare, good: 'less', isShare: true }}
      >
        {isCompared
          ? `of playing time; peers ${formats.percent(treated.rebufferShare)}, holdout ${formats.percent(holdout.rebufferShare)}`
          : 'of playing time'}
      </Tile>
    </section>
  );
}
