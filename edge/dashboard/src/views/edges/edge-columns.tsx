import { filtered } from '../../address/address.js';
import type { Column } from '../../figures/table.js';
import { AddressLink } from '../../parts/address-link.js';
import { Bar } from '../../parts/bar.js';
import type { Site } from '../../shell/site.js';
import type { EdgeRow, PopRow } from './pops.js';

export function popColumns({ address, formats }: Site): Column<PopRow>[] {
  return [
    {
      ...{ title: 'PoP', csv: 'pop', kind: 'text' },
      value: ({ pop }) => pop,
      show: ({ pop, edges }) => (
        <>
          <AddressLink to={filtered(address, 'pop', pop)}>{pop}</AddressLink>{' '}
          <span class="quiet">{edges === 1 ? '1 edge' : `${edges} edges`}</span>
        </>
      ),
    },
    {
      ...{ title: 'Now', csv: 'now_bytes_per_second' },
      value: ({ nowBytesPerSecond }) => nowBytesPerSecond,
      show: ({ nowBytesPerSecond }) =>
        nowBytesPerSecond === null ? 'silent' : formats.bitRateText(nowBytesPerSecond),
    },
    {
      ...{ title: 'Sent', csv: 'sent_bytes' },
      value: ({ sentBytes }) => sentBytes,
      show: ({ sentBytes }) => formats.bytesText(sentBytes),
    },
    {
      ...{ title: 'Fetched', csv: 'filled_bytes', priority: 2 },
      value: (row) => row.filledBytes,
      show: (row) => formats.bytesText(row.filledBytes),
    },
    {
      ...{ title: 'Hits, by bytes', csv: 'byte_hit_ratio' },
      value: ({ hitRatio }) => hitRatio,
      show: ({ hitRatio }) => (
        <span class="share">
          <Bar share={hitRatio ?? 0} />
          {formats.percent(hitRatio)}
        </span>
      ),
    },
  ];
}

export function edgeColumns({ address, formats }: Site): Column<EdgeRow>[] {
  const column = (
    title: string,
    csv: string,
    value: (row: EdgeRow) => number | null,
    show: (row: EdgeRow) => string,
    priority: 1 | 2 | 3 = 1,
  ): Column<EdgeRow> => ({ title, csv, value, show, priority, sorts: true });
  return [
    {
      ...{ title: 'Edge', csv: 'edge', kind: 'text' },
      value: ({ edge }) => edge,
      show: ({ edge }) => <AddressLink to={filtered(address, 'edge', edge)}>{edge}</AddressLink>,
    },
    {
      ...{ title: 'PoP', csv: 'pop', kind: 'text', priority: 2 },
      value: ({ pop }) => pop,
      show: ({ pop }) => pop,
    },
    column(
      'Now',
      'now_bytes_per_second',
      (row) => row.nowBytesPerSecond,
      (row) => (row.nowBytesPerSecond === null ? 'silent' : formats.bitRateText(row.nowBytesPerSecond)),
    ),
    column(
      'Requests',
      'requests',
      (row) => row.requests,
      (row) => formats.count(row.requests),
      2,
    ),
    column(
      'Hits',
      'hit_ratio',
      (row) => row.hitRatio,
      (row) => formats.percent(row.hitRatio),
    ),
    column(
      'Sent',
      'sent_bytes',
      (row) => row.sentBytes,
      (row) => formats.bytesText(row.sentBytes),
    ),
    column(
      'Origin',
      'origin_bytes',
      (row) => row.originBytes,
      (row) => formats.bytesText(row.originBytes),
      2,
    ),
    column(
      'Shield',
      'shield_bytes',
      (row) => row.shieldBytes,
      (row) => formats.bytesText(row.shieldBytes),
      3,
    ),
    column(
      'Siblings',
      'sibling_bytes',
      (row) => row.siblingBytes,
      (row) => formats.bytesText(row.siblingBytes),
      3,
    ),
    column(
      'Refused',
      'refused',
      (row) => row.refused,
      (row) => formats.count(row.refused),
      3,
    ),
    column(
      'Failed',
      'failed',
      (row) => row.failed,
      (row) => formats.count(row.failed),
      2,
    ),
  ];
}
