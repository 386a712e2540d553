import { billed, type Plan, type Traffic } from '@eddy/edge/insight';
import type { BusinessPlan, EdgePlan } from './plan.js';

const HOUR_MS = 3_600_000;
const DAYS = 30;
/** Any month of 30 days in UTC. */
const MONTH_START = Date.UTC(2026, 10, 1);

/** How high each hour of a day stands between nothing (0) and the peak (1), at this steepness; evenings are full. */
function dayShape(steepness: number): number[] {
  return Array.from(
    { length: 24 },
    (_, hour) => ((1 + Math.cos(((hour - 20) / 12) * Math.PI)) / 2) ** steepness,
  );
}

/**
 * A month by hours with this volume and this peak: each day a hill with its top at 20:00, as steep as the two ask
 * for. Where the peak is below the average, or so high that a month fits into less than an hour a day, RangeError.
 */
export function monthOf(bytes: number, peakBitsPerSecond: number): Traffic[] {
  const peakBytesPerHour = (peakBitsPerSecond / 8) * 3600;
  const wanted = bytes / (peakBytesPerHour * 24 * DAYS);
  if (wanted > 1) throw new RangeError('the peak is below the average of the month');
  if (wanted < 1 / 24) throw new RangeError('the peak is over 24 times the average: give a lower one');
  const mean = (steepness: number): number => dayShape(steepness).reduce((sum, part) => sum + part, 0) / 24;
  let [low, high] = [0, 1e5];
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (mean(middle) > wanted) low = middle;
    else high = middle;
  }
  const shape = dayShape(low);
  return Array.from({ length: DAYS * 24 }, (_, hour) => ({
    startMs: MONTH_START + hour * HOUR_MS,
    ms: HOUR_MS,
    bytes: peakBytesPerHour * (shape[hour % 24] ?? 0),
  }));
}

export interface Cost {
  readonly plan: string;
  readonly currency: string;
  /** `example`: a made-up price of its size. */
  readonly source: string;
  readonly without: number;
  readonly with: number;
}

/** What a plan bills in a month for what edges send, without peers and with them. */
export function egressCosts({ without, with: sharing }: BusinessPlan, plans: readonly Plan[]): Cost[] {
  const bill = (plan: Plan, edges: EdgePlan): number =>
    billed(plan, monthOf(edges.monthlyEgressBytes, edges.egressBitsPerSecond));
  return plans
    .filter((plan) => plan.of === 'edge')
    .map((plan) => ({
      plan: plan.name,
      currency: plan.currency,
      source: plan.source,
      without: bill(plan, without),
      with: bill(plan, sharing),
    }));
}

/** What the machines cost in a month, beside their egress. */
export function machineCost({ machine, without, with: sharing }: BusinessPlan): Cost {
  return {
    plan: machine.name,
    currency: machine.currency,
    source: machine.source,
    without: without.edges * machine.perMonth,
    with: sharing.edges * machine.perMonth,
  };
}
