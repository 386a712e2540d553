import type { Billing, Plan } from './plans.js';

/** Bytes sent in a part of time, at most an hour; five minutes where a 95th percentile is to be right. */
export interface Traffic {
  /** Since the epoch. */
  readonly startMs: number;
  readonly ms: number;
  readonly bytes: number;
}

const UNIT_BYTES = { GB: 1e9, GiB: 2 ** 30 } as const;

/** What a plan bills for this traffic, months by its own time zone. Pure. */
export function billed(plan: Plan, traffic: readonly Traffic[]): number {
  const months = new Map<string, Traffic[]>();
  const name = monthName(plan.timeZone);
  for (const part of traffic) {
    const month = name(part.startMs);
    const parts = months.get(month);
    if (parts === undefined) months.set(month, [part]);
    else parts.push(part);
  }
  return [...months.values()].reduce((sum, parts) => sum + monthlyBill(plan.billing, parts), 0);
}

function monthName(timeZone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit' });
  return (ms) => format.format(ms);
}

function monthlyBill(billing: Billing, parts: readonly Traffic[]): number {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  switch (billing.kind) {
    case 'flat':
      return billing.perMonth;
    case 'pooled': {
      const units = bytes / UNIT_BYTES[billing.unit];
      return billing.perMonth + Math.max(0, units - billing.included) * billing.perUnit;
    }
    case 'metered':
      return tiered(billing.tiers, bytes / UNIT_BYTES[billing.unit]);
    case 'p95':
      return Math.max(billing.committedMbps, percentile95(parts)) * billing.perMbps;
  }
}

function tiered(tiers: readonly { upTo?: number | undefined; perUnit: number }[], units: number): number {
  let below = 0;
  let cost = 0;
  for (const { upTo = Number.POSITIVE_INFINITY, perUnit } of tiers) {
    cost += Math.max(0, Math.min(units, upTo) - below) * perUnit;
    below = upTo;
    if (units <= upTo) break;
  }
  return cost;
}

/** Mbit/s that 5% of the time was above. Parts that are not given were silent only if they are given as such. */
export function percentile95(parts: readonly Traffic[]): number {
  const sorted = parts
    .filter(({ ms }) => ms > 0)
    .map(({ bytes, ms }) => ({ mbps: (bytes * 8) / 1000 / ms, ms }))
    .sort((one, other) => other.mbps - one.mbps);
  const total = sorted.reduce((sum, { ms }) => sum + ms, 0);
  let dropped = 0;
  for (const { mbps, ms } of sorted) {
    dropped += ms;
    // The top 5% are free; the highest of what is left is billed.
    if (dropped > total * 0.05) return mbps;
  }
  return 0;
}
