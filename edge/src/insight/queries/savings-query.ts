import type { Traffic } from '../prices/bill.js';
import { moneySaved } from '../prices/money.js';
import type { PriceList } from '../prices/plans.js';
import {
  estimateSavings,
  type SavingsEstimate,
  type SavingsUpperBound,
  upperBound,
} from '../savings/estimate.js';
import { GRAIN_MINUTES, type InsightStore, type MinuteRange, type QueryRow } from '../store/insight-store.js';
import type { Savings } from './figures.js';
import { type Filter, rangeFigures } from './queries.js';
import { grainOfStep, type QueryRange } from './range.js';

export interface SavingsComponents {
  readonly store: InsightStore;
  readonly prices: PriceList;
}

export type SavingMeasure =
  | ('edgeBytes' | 'edgeFillBytes' | 'peerBytes' | 'unmatchedPeerBytes' | 'watchedMs')
  | ('signalingBytes' | 'turnBytes' | 'duplicateBytes' | 'hashFailedBytes');
export const SAVING_MEASURES: readonly SavingMeasure[] = [
  ...(['edgeBytes', 'edgeFillBytes', 'peerBytes', 'unmatchedPeerBytes', 'watchedMs'] as const),
  ...(['signalingBytes', 'turnBytes', 'duplicateBytes', 'hashFailedBytes'] as const),
];
const HOUR = GRAIN_MINUTES.hour;
/** Longer than this, traffic is billed by its days: hours are not kept for longer. */
const HOURS_KEPT = 90 * 24 * HOUR;
/** Of one PoP: all its streams are read. */
const POP_HOURS = 2 * 24 * HOUR;
const STREAM_HOURS = 14 * 24 * HOUR;
const MINUTES_KEPT = 7 * 24 * HOUR;

/** What sharing saved in the range, widened to whole hours, since clusters are hours; of one stream in the last 14 days of it, of one PoP in the last 2. */
export async function savings(
  { store, prices }: SavingsComponents,
  asked: QueryRange,
  filter: Filter,
  plan: string | undefined,
): Promise<Savings> {
  const range = wholeHours(answerable(asked, filter));
  const cube = filter.stream === undefined ? 'total' : 'stream';
  const stepMinutes = stepOf(range, filter);
  const rows = await store.query({
    ...{ cube, where: filter, by: ['arm'], measures: SAVING_MEASURES, stepMinutes },
    ...{ from: range.from, to: range.to, grain: grainOfStep(stepMinutes) },
  });
  const saved = await savedBytes(store, range, filter, rows);
  const sum = (measure: SavingMeasure, arm?: string): number => total(rows, measure, arm);
  const egress = {
    edgeBytes: sum('edgeBytes'),
    originBytes: sum('edgeFillBytes'),
    turnBytes: sum('turnBytes'),
  };
  const traffic = (measure: 'edgeBytes' | 'edgeFillBytes' | 'turnBytes'): Traffic[] =>
    byTime(rows, measure, stepMinutes);
  const money =
    saved === null
      ? undefined
      : moneySaved(
          prices,
          {
            ...{ edge: traffic('edgeBytes'), origin: traffic('edgeFillBytes'), turn: traffic('turnBytes') },
            savedBytes: saved.savedBytes,
            lowBytes: saved.kind === 'estimate' ? saved.lowBytes : undefined,
            highBytes: saved.kind === 'estimate' ? saved.highBytes : undefined,
          },
          plan,
        );
  return { range: rangeFigures(range), saved, egress, money: money ?? null };
}

/** Of sums by arm of that range. */
export async function savedBytes(
  store: InsightStore,
  range: MinuteRange,
  filter: Filter,
  rows: readonly QueryRow[],
): Promise<SavingsEstimate | SavingsUpperBound | null> {
  if (rows.length === 0) return null;
  const treated = (measure: SavingMeasure): number => total(rows, measure, 'treated');
  const overhead = {
    signalingBytes: treated('signalingBytes'),
    turnBytes: treated('turnBytes'),
    duplicateBytes: treated('duplicateBytes'),
    hashFailedBytes: treated('hashFailedBytes'),
  };
  if (total(rows, 'watchedMs', 'holdout') > 0) {
    const estimate = estimateSavings(await store.moments(range, filter), overhead);
    if (estimate !== undefined) return estimate;
  }
  const [peerBytes, unmatchedPeerBytes] = [treated('peerBytes'), treated('unmatchedPeerBytes')];
  return upperBound({ peerBytes, unmatchedPeerBytes, overhead });
}

function total(rows: readonly QueryRow[], measure: SavingMeasure, arm?: string): number {
  return rows
    .filter(({ keys }) => arm === undefined || keys.arm === arm)
    .reduce((sum, { sums }) => sum + (sums[measure] ?? 0), 0);
}

function byTime(
  rows: readonly QueryRow[],
  measure: 'edgeBytes' | 'edgeFillBytes' | 'turnBytes',
  stepMinutes: number,
): Traffic[] {
  const parts = new Map<number, number>();
  for (const { minute, sums } of rows) parts.set(minute, (parts.get(minute) ?? 0) + (sums[measure] ?? 0));
  return [...parts].map(([minute, bytes]) => ({
    startMs: minute * 60_000,
    ms: stepMinutes * 60_000,
    bytes,
  }));
}

/** As fine as it is kept and cheap to read: 95th percentiles are billed by five minutes. */
function stepOf({ from, to }: QueryRange, { stream }: Filter): number {
  if (to - from > HOURS_KEPT) return GRAIN_MINUTES.day;
  return stream === undefined && to - from <= MINUTES_KEPT ? 5 : HOUR;
}

/** Moments are kept for all streams together; narrowed ones are summed from hours, as far as those go or are few. */
export function answerable(range: QueryRange, { stream, pop }: Filter): QueryRange {
  if (stream === undefined && pop === undefined) return range;
  const most = stream === undefined ? POP_HOURS : STREAM_HOURS;
  return { ...range, from: Math.max(range.from, range.to - most) };
}

function wholeHours(range: QueryRange): QueryRange {
  const long = range.to - range.from > HOURS_KEPT;
  const unit = long ? GRAIN_MINUTES.day : HOUR;
  const from = Math.floor(range.from / unit) * unit;
  return { ...range, from, to: Math.max(from + unit, Math.ceil(range.to / unit) * unit) };
}
