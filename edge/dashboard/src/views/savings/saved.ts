import type { Plan } from '../../../../src/insight/prices/plans.js';
import type { RangeFigures, RangeName, Savings } from '../../../../src/insight/queries/figures.js';

/** What can be said of savings, in the words that it deserves. */
export interface Verdict {
  readonly title: string;
  /** How it was found out, and how far it can be trusted. */
  readonly about: string;
  readonly isUpperBound: boolean;
  /** Worth a warning. */
  readonly caution: string | undefined;
}

export function verdictOf({ saved }: Savings): Verdict {
  if (saved === null) {
    return { title: 'Saved', about: 'Nobody watched.', isUpperBound: false, caution: undefined };
  }
  if (saved.kind === 'upper bound') {
    return {
      title: 'Saved at most',
      about:
        'No holdout watched, so nothing tells what viewers would have drawn from the edge by themselves. This is what peers gave each other, less the overhead: the most it can be.',
      isUpperBound: true,
      caution: 'Let a share of viewers go without peers (swarm.holdoutPercent) to measure it.',
    };
  }
  const { clusters, isReliable, lowBytes, savedBytes } = saved;
  return {
    title: savedBytes < 0 ? 'Cost more' : 'Saved',
    about: `What viewers with peers drew less from the edge per watched hour than the holdout, times their hours, less the overhead. The interval holds the true figure 95 times in 100.`,
    isUpperBound: false,
    caution: !isReliable
      ? `Only ${clusters} streams by hour were watched: the interval is narrower than it should be. Choose a longer time.`
      : lowBytes <= 0
        ? 'The interval reaches below nothing: by these figures it may have saved nothing. Choose a longer time.'
        : undefined,
  };
}

/** Why bytes saved are worth nothing by this plan; undefined: they are worth something. */
export function whyWorthless({ money }: Savings, plan: Plan | undefined): string | undefined {
  if (money === null || !money.worthNothing || plan === undefined) return undefined;
  switch (plan.billing.kind) {
    case 'flat':
      return 'This plan costs the same whatever is sent, so bytes saved are worth nothing, until a larger line would be needed.';
    case 'pooled':
      return 'This traffic lies within what the plan includes, so bytes saved are worth nothing yet.';
    case 'p95':
      return 'This traffic lies within the committed rate, so bytes saved are worth nothing yet.';
    case 'metered':
      return 'This traffic lies within the free part of the plan, so bytes saved are worth nothing yet.';
  }
}

/** In one line, as contracts say it. `number` and `money` write what they are given. */
export function termsOf(
  { billing, currency }: Plan,
  number: (value: number) => string,
  money: (value: number, currency: string) => string,
): string {
  const price = (value: number): string => money(value, currency);
  switch (billing.kind) {
    case 'flat':
      return `${price(billing.perMonth)} a month, unmetered`;
    case 'pooled':
      return `${price(billing.perMonth)} a month with ${number(billing.included)} ${billing.unit}, then ${price(billing.perUnit)} per ${billing.unit}`;
    case 'p95':
      return `${price(billing.perMbps)} per Mbit/s of the 95th percentile, ${number(billing.committedMbps)} Mbit/s committed`;
    case 'metered': {
      const prices = billing.tiers.map(({ perUnit }) => perUnit);
      const [low, high] = [Math.min(...prices), Math.max(...prices)];
      const range = low === high ? price(low) : `${price(low)} to ${price(high)}`;
      return `${range} per ${billing.unit}${billing.tiers.length > 1 ? ', by the volume of the month' : ''}`;
    }
  }
}

const DAY_MS = 86_400_000;

/** How long ranges are that are called by their names. */
export const RANGE_MS: Readonly<Record<RangeName, number>> = {
  ...{ '15m': DAY_MS / 96, '1h': DAY_MS / 24, '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS },
  ...{ '90d': 90 * DAY_MS, '1y': 365 * DAY_MS, '3y': 3 * 365 * DAY_MS },
};

/** The answer is of a shorter time than was asked for: what is narrowed down does not reach as far back. */
export function isShortened({ range }: Savings, asked: RangeFigures | undefined): boolean {
  return asked !== undefined && range.fromMs > asked.fromMs + 3_600_000;
}

/** An interval and its middle, as places from 0 to 1 on a line that nothing stands on too. */
export function intervalOf(
  low: number,
  middle: number,
  high: number,
): Record<'zero' | 'low' | 'middle' | 'high', number> {
  const [least, most] = [Math.min(0, low), Math.max(0, high)];
  const room = most - least || 1;
  const place = (value: number): number => (value - least) / room;
  return { zero: place(0), low: place(low), middle: place(middle), high: place(high) };
}
