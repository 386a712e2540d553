import { describe, expect, it } from 'vitest';
import type { Billing, Plan } from '../../../../src/insight/prices/plans.js';
import type { Savings } from '../../../../src/insight/queries/figures.js';
import { intervalOf, isShortened, termsOf, verdictOf, whyWorthless } from './saved.js';

const RANGE = { name: '30d', fromMs: 0, toMs: 30 * 86_400_000 } as const;
const RATE = { edgeBytes: 1, watchedHours: 1, bytesPerHour: 1 };
const ESTIMATE = {
  ...({ kind: 'estimate', savedBytes: 10e9, lowBytes: 8e9, highBytes: 12e9, savedShare: 0.5 } as const),
  ...{ holdout: RATE, treated: RATE, overheadBytes: 0, clusters: 100, isReliable: true },
};

function savings(saved: Savings['saved'], worthNothing = false): Savings {
  const money = {
    ...{
      plan: 'p',
      provider: '',
      region: '',
      date: '',
      source: '',
      currency: 'EUR',
      saved: 0,
      low: 0,
      high: 0,
    },
    ...{ isUpperBound: false, worthNothing, edgeBill: 1, originBill: null, turnBill: null },
  };
  return { range: RANGE, saved, egress: { edgeBytes: 0, originBytes: 0, turnBytes: 0 }, money };
}

function plan(billing: Billing): Plan {
  return {
    ...({ name: 'p', provider: 'x', region: 'any', of: 'edge', currency: 'EUR', timeZone: 'UTC' } as const),
    ...{ date: '2026-01-01', source: 'x', billing },
  };
}

describe('what is said of savings', () => {
  it('is an upper bound where no holdout runs, and says what to do', () => {
    const verdict = verdictOf(savings({ kind: 'upper bound', savedBytes: 1, overheadBytes: 0 }));
    expect(verdict).toMatchObject({ title: 'Saved at most', isUpperBound: true });
    expect(verdict.caution).toContain('swarm.holdoutPercent');
  });

  it('warns of intervals that say little', () => {
    expect(verdictOf(savings(ESTIMATE)).caution).toBeUndefined();
    expect(verdictOf(savings({ ...ESTIMATE, isReliable: false })).caution).toContain('Only 100 streams');
    expect(verdictOf(savings({ ...ESTIMATE, lowBytes: -1 })).caution).toContain('saved nothing');
    expect(verdictOf(savings({ ...ESTIMATE, savedBytes: -1 })).title).toBe('Cost more');
    expect(verdictOf(savings(null)).about).toBe('Nobody watched.');
  });

  it.each<[Billing, string, string]>([
    [{ kind: 'flat', perMonth: 500 }, '500 EUR a month, unmetered', 'costs the same'],
    [
      { kind: 'pooled', unit: 'GB', included: 1000, perMonth: 50, perUnit: 2 },
      '50 EUR a month with 1000 GB, then 2 EUR per GB',
      'includes',
    ],
    [
      { kind: 'p95', perMbps: 0.25, committedMbps: 1000 },
      '0.25 EUR per Mbit/s of the 95th percentile, 1000 Mbit/s committed',
      'committed rate',
    ],
    [
      { kind: 'metered', unit: 'GiB', tiers: [{ upTo: 10, perUnit: 3 }, { perUnit: 1 }] },
      '1 EUR to 3 EUR per GiB, by the volume of the month',
      'free part',
    ],
    [{ kind: 'metered', unit: 'GB', tiers: [{ perUnit: 1 }] }, '1 EUR per GB', 'free part'],
  ])('tells the terms of a plan: %j', (billing, terms, worthless) => {
    const written = termsOf(plan(billing), String, (value, currency) => `${value} ${currency}`);
    expect(written).toBe(terms);
    expect(whyWorthless(savings(ESTIMATE, true), plan(billing))).toContain(worthless);
    expect(whyWorthless(savings(ESTIMATE), plan(billing))).toBeUndefined();
  });

  it('places an interval on a line with nothing on it', () => {
    expect(intervalOf(5, 7.5, 10)).toEqual({ zero: 0, low: 0.5, middle: 0.75, high: 1 });
    expect(intervalOf(-5, 0, 5)).toEqual({ zero: 0.5, low: 0, middle: 0.5, high: 1 });
    expect(intervalOf(0, 0, 0)).toEqual({ zero: 0, low: 0, middle: 0, high: 0 });
  });

  it('knows when the answer is of a shorter time', () => {
    expect(isShortened({ ...savings(null), range: { ...RANGE, fromMs: 1e9 } }, RANGE)).toBe(true);
    expect(isShortened(savings(null), RANGE)).toBe(false);
  });
});
