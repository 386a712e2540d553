import { billed, type Traffic } from './bill.js';
import type { Plan, PriceList } from './plans.js';

/** What the bytes saved were worth by a plan: the bill as it would have been, less the bill as it is. */
export interface MoneySaved {
  readonly plan: string;
  readonly provider: string;
  readonly region: string;
  readonly date: string;
  readonly source: string;
  readonly currency: string;
  readonly saved: number;
  /** By the interval of bytes; null for an upper bound, which has none. */
  readonly low: number | null;
  readonly high: number | null;
  /** The upper bound of bytes is one of money too. */
  readonly isUpperBound: boolean;
  /** By how a plan bills, a saved byte may be worth nothing. */
  readonly worthNothing: boolean;
  readonly edgeBill: number;
  /** Egress of others, by their own plans; null: no plan is in use. Peer sharing changes neither but for TURN. */
  readonly originBill: number | null;
  readonly turnBill: number | null;
}

export interface SavedTraffic {
  /** As it was. */
  readonly edge: readonly Traffic[];
  readonly origin: readonly Traffic[];
  readonly turn: readonly Traffic[];
  readonly savedBytes: number;
  readonly lowBytes: number | undefined;
  readonly highBytes: number | undefined;
}

export function planOf(
  { plans, use }: PriceList,
  of: Plan['of'],
  name: string | undefined,
): Plan | undefined {
  const wanted = name ?? use[of];
  return plans.find((plan) => plan.name === wanted && plan.of === of);
}

/** Undefined: no plan for the edge's egress. */
export function moneySaved(
  list: PriceList,
  traffic: SavedTraffic,
  planName?: string,
): MoneySaved | undefined {
  const plan = planOf(list, 'edge', planName);
  if (plan === undefined) return undefined;
  const { edge, savedBytes, lowBytes, highBytes } = traffic;
  const edgeBill = billed(plan, edge);
  const worth = (bytes: number): number => billed(plan, withSaved(edge, bytes)) - edgeBill;
  const others = (of: 'origin' | 'turn'): number | null => {
    const other = planOf(list, of, undefined);
    return other === undefined ? null : billed(other, traffic[of]);
  };
  const { name, provider, region, date, source, currency } = plan;
  const saved = worth(savedBytes);
  return {
    ...{ plan: name, provider, region, date, source, currency, saved },
    low: lowBytes === undefined ? null : worth(lowBytes),
    high: highBytes === undefined ? null : worth(highBytes),
    isUpperBound: lowBytes === undefined,
    worthNothing: savedBytes > 0 && saved === 0,
    ...{ edgeBill, originBill: others('origin'), turnBill: others('turn') },
  };
}

/** Saved bytes would have been sent when the others were, in proportion. */
function withSaved(edge: readonly Traffic[], savedBytes: number): Traffic[] {
  const total = edge.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= 0) {
    const [first, ...rest] = edge;
    return first === undefined ? [] : [{ ...first, bytes: Math.max(0, savedBytes) }, ...rest];
  }
  const factor = Math.max(0, 1 + savedBytes / total);
  return edge.map((part) => ({ ...part, bytes: part.bytes * factor }));
}
