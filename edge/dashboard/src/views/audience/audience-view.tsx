import type { JSX } from 'preact';
import type { Audience as AudienceAnswer } from '../../../../src/insight/queries/figures.js';
import { AUDIENCE_PARTS, type AudiencePart, filtered } from '../../address/address.js';
import type { Column } from '../../figures/table.js';
import { AddressLink } from '../../parts/address-link.js';
import { Bar } from '../../parts/bar.js';
import { Card } from '../../parts/card.js';
import { Change } from '../../parts/change.js';
import { Split } from '../../parts/split.js';
import { NothingWatched } from '../../parts/states.js';
import { type Site, useSite } from '../../shell/site.js';
import type { BodyProps, View } from '../view.js';
import { partName } from './part-names.js';

export const AUDIENCE_VIEW: View = {
  name: 'audience',
  title: 'Audience',
  about: 'Where viewers are, on which networks and devices, and who of them shares.',
  asks: () => ['audience'],
  Body: Audience,
};

const NAMES: Readonly<Record<AudiencePart, string>> = {
  region: 'Regions',
  network: 'Networks',
  device: 'Devices',
};

function Audience({ address, now, before }: BodyProps): JSX.Element | null {
  const site = useSite();
  const { audience } = now;
  if (!audience) return null;
  const { by } = audience;
  const columns = partColumns(site, audience, before?.audience ?? undefined);
  return (
    <>
      <nav class="segments" aria-label="Told apart by">
        {AUDIENCE_PARTS.map((part) => (
          <AddressLink to={{ ...address, by: part }} current={part === by ? 'true' : undefined} key={part}>
            {NAMES[part]}
          </AddressLink>
        ))}
      </nav>
      {audience.parts.length === 0 ? (
        <NothingWatched />
      ) : (
        <Card
          title={NAMES[by]}
          about="the most watched first; near: of the bytes from peers, those from the same network or region"
          isTable={true}
          table={{ name: `audience-by-${by}`, columns, rows: audience.parts }}
        />
      )}
    </>
  );
}

type Part = AudienceAnswer['parts'][number];

function partColumns(
  { address, formats }: Site,
  { by, parts }: AudienceAnswer,
  before: AudienceAnswer | undefined,
): Column<Part>[] {
  const watched = parts.reduce((sum, { watchedMs }) => sum + watchedMs, 0);
  const most = Math.max(1, ...parts.map(({ watchedMs }) => watchedMs));
  const earlier = new Map(before?.parts.map((part) => [part.key, part.watchedMs]));
  const near = ({ peerNetworkBytes, peerRegionBytes, peerBytes }: Part): number | null =>
    peerBytes > 0 ? (peerNetworkBytes + peerRegionBytes) / peerBytes : null;
  return [
    {
      ...{ title: NAMES[by].slice(0, -1), csv: by, kind: 'text' },
      value: ({ key }) => key,
      show: ({ key }) =>
        key === '' || key.startsWith('(') ? (
          partName(by, key, formats.locale)
        ) : (
          <AddressLink to={filtered(address, by, key)}>{partName(by, key, formats.locale)}</AddressLink>
        ),
    },
    {
      ...{ title: 'Watched', csv: 'watched_ms', kind: 'text' },
      value: ({ watchedMs }) => watchedMs,
      show: ({ key, watchedMs }) => (
        <span class="bar-cell">
          <Bar share={watchedMs / most} />
          <span>
            {formats.duration(watchedMs)}{' '}
            <span class="quiet">{formats.percent(watched > 0 ? watchedMs / watched : null)}</span>
          </span>
          <Change now={watchedMs} before={earlier.get(key)} good="neither" isSum={true} />
        </span>
      ),
    },
    {
      ...{ title: 'Sessions', csv: 'sessions', priority: 3 },
      value: ({ sessions }) => sessions,
      show: ({ sessions }) => formats.count(sessions),
    },
    {
      ...{ title: 'Delivered', csv: 'delivered_bytes', priority: 2 },
      value: ({ edgeBytes, peerBytes }) => edgeBytes + peerBytes,
      show: ({ edgeBytes, peerBytes }) => formats.bytesText(edgeBytes + peerBytes),
    },
    {
      ...{ title: 'Offload', csv: 'offload' },
      value: ({ offload }) => offload,
      show: ({ offload, peerBytes, edgeBytes }) => (
        <span class="share">
          <Split peer={peerBytes} edge={edgeBytes} />
          {formats.percent(offload)}
        </span>
      ),
    },
    {
      title: 'Near',
      csv: 'near_share',
      priority: 3,
      value: near,
      show: (part) => formats.percent(near(part)),
    },
    {
      ...{ title: 'Stalled', csv: 'rebuffer_share', priority: 2 },
      value: ({ rebufferShare }) => rebufferShare,
      show: ({ rebufferShare }) => formats.percent(rebufferShare),
    },
  ];
}
