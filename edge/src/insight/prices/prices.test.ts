import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { billed, percentile95, type Traffic } from './bill.js';
import { moneySaved } from './money.js';
import type { Billing, Plan, PriceList } from './plans.js';
import { readPrices } from './read-prices.js';

const HOUR = 3_600_000;
const plan = (billing: Billing, changes: Partial<Plan> = {}): Plan => ({
  ...{ name: 'p', provider: 'x', region: 'y', of: 'edge', currency: 'EUR', timeZone: 'UTC' },
  ...{ date: '2026-01-01', source: 'test', billing, ...changes },
});
const hour = (startMs: number, bytes: number): Traffic => ({ startMs, ms: HOUR, bytes });
const JANUARY = Date.UTC(2026, 0, 15);

const METERED: Billing = {
  kind: 'metered',
  unit: 'GB',
  tiers: [{ upTo: 10, perUnit: 0 }, { upTo: 20, perUnit: 2 }, { perUnit: 1 }],
};

describe('bills', () => {
  it.each([
    [5, 0],
    [15, 10],
    [30, 30],
  ])('by tiers: %d GB cost %d', (gb, cost) => {
    expect(billed(plan(METERED), [hour(JANUARY, gb * 1e9)])).toBe(cost);
  });

  it('tell GB from GiB', () => {
    const tiers = [{ perUnit: 1 }];
    const bytes = 2 ** 30;
    expect(billed(plan({ kind: 'metered', unit: 'GiB', tiers }), [hour(JANUARY, bytes)])).toBe(1);
    expect(billed(plan({ kind: 'metered', unit: 'GB', tiers }), [hour(JANUARY, bytes)])).toBeCloseTo(
      1.0737,
      4,
    );
  });

  it('begin anew each month, at midnight where the bill is written', () => {
    const newYear = Date.UTC(2026, 0, 1);
    const traffic = [hour(newYear - HOUR, 8e9), hour(newYear, 8e9)];
    expect(billed(plan(METERED), traffic)).toBe(0);
    // In Berlin both are in January.
    expect(billed(plan(METERED, { timeZone: 'Europe/Berlin' }), traffic)).toBe(12);
  });

  it('of an allowance cost what is beyond it', () => {
    const pooled: Billing = { kind: 'pooled', unit: 'GB', included: 100, perMonth: 50, perUnit: 2 };
    expect(billed(plan(pooled), [hour(JANUARY, 90e9)])).toBe(50);
    expect(billed(plan(pooled), [hour(JANUARY, 90e9), hour(JANUARY + HOUR, 20e9)])).toBe(70);
  });

  it('by the 95th percentile leave out the busiest 5% of time', () => {
    const quiet = Array.from({ length: 95 }, (_, index) => hour(JANUARY + index * HOUR, 45e9));
    const busy = Array.from({ length: 5 }, (_, index) => hour(JANUARY - index * HOUR, 4500e9));
    expect(percentile95([...quiet, ...busy])).toBeCloseTo(100, 6);
    expect(percentile95([...quiet.slice(1), ...busy, hour(0, 4500e9)])).toBeCloseTo(10_000, 6);
    expect(billed(plan({ kind: 'p95', perMbps: 2, committedMbps: 500 }), quiet)).toBe(1000);
    expect(percentile95([])).toBe(0);
  });
});

describe('money saved', () => {
  const traffic = {
    ...{ edge: [hour(JANUARY, 30e9)], origin: [hour(JANUARY, 3e9)], turn: [hour(JANUARY, 1e9)] },
    ...{ savedBytes: 20e9, lowBytes: 10e9, highBytes: 30e9 },
  };
  const list = (billing: Billing): PriceList => ({
    plans: [
      plan(billing),
      plan({ kind: 'metered', unit: 'GB', tiers: [{ perUnit: 5 }] }, { name: 'o', of: 'origin' }),
    ],
    use: { edge: 'p', origin: 'o' },
  });

  it('is the bill that would have been less the bill that is, egress of others apart', () => {
    expect(moneySaved(list(METERED), traffic)).toMatchObject({
      ...{ saved: expect.closeTo(20, 6), low: 10, high: 30, edgeBill: 30, originBill: 15, turnBill: null },
      ...{ worthNothing: false, isUpperBound: false, currency: 'EUR', date: '2026-01-01' },
    });
  });

  it.each<[string, Billing]>([
    ['flat-rate', { kind: 'flat', perMonth: 500 }],
    ['within an allowance', { kind: 'pooled', unit: 'GB', included: 1000, perMonth: 9, perUnit: 1 }],
    ['within a commitment', { kind: 'p95', perMbps: 1, committedMbps: 1e6 }],
  ])('is nothing where the plan is %s', (_, billing) => {
    expect(moneySaved(list(billing), traffic)).toMatchObject({ saved: 0, high: 0, worthNothing: true });
  });

  it('is an upper bound where bytes are', () => {
    const bound = { ...traffic, lowBytes: undefined, highBytes: undefined };
    expect(moneySaved(list(METERED), bound)).toMatchObject({ low: null, high: null, isUpperBound: true });
    expect(moneySaved({ plans: [], use: {} }, bound)).toBeUndefined();
  });
});

describe('the price list', () => {
  it('that comes with the edge can be read, each price with date and source', async () => {
    const { plans } = await readPrices();
    expect(new Set(plans.map(({ billing }) => billing.kind))).toEqual(
      new Set(['metered', 'flat', 'pooled', 'p95']),
    );
    for (const { date, source } of plans) expect([date, source]).not.toContain('');
  });

  it.each([
    ['no YAML', ': {', 'cannot be read'],
    ['an unknown plan', 'use: {edge: none}\nplans: []', 'use.edge names no plan of edge'],
    ['an unknown word', 'use: {}\nplans: []\nmore: 1', 'Unrecognized key'],
  ])('with %s is refused by name', async (_, text, problem) => {
    const folder = await mkdtemp(join(tmpdir(), 'eddy-prices-'));
    const file = join(folder, 'prices.yaml');
    await writeFile(file, text);
    await expect(readPrices(file)).rejects.toMatchObject({
      code: 'bad-prices',
      message: expect.stringContaining(problem),
    });
    await rm(folder, { recursive: true });
  });
});
