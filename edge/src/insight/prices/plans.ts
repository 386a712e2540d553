import { z } from 'zod';

/** One price list that the operator edits: what traffic costs, where that was read, and when. */

export type Unit = 'GB' | 'GiB';

/** Each byte costs; tiers by the month's volume, all but the last with an end. */
export interface Metered {
  readonly kind: 'metered';
  readonly unit: Unit;
  readonly tiers: readonly { readonly upTo?: number | undefined; readonly perUnit: number }[];
}

/** The month costs the same whatever is sent. */
export interface Flat {
  readonly kind: 'flat';
  readonly perMonth: number;
}

/** So much is included for all machines together; only what is beyond costs. */
export interface Pooled {
  readonly kind: 'pooled';
  readonly unit: Unit;
  readonly included: number;
  readonly perMonth: number;
  readonly perUnit: number;
}

/** The 95th percentile of rates, by Mbit/s and month. */
export interface P95 {
  readonly kind: 'p95';
  readonly perMbps: number;
  readonly committedMbps: number;
}

const unit = z.enum(['GB', 'GiB']);
const amount = z.number().nonnegative();

const metered: z.ZodType<Metered, unknown> = z.strictObject({
  kind: z.literal('metered'),
  unit,
  tiers: z
    .array(z.strictObject({ upTo: z.number().positive().optional(), perUnit: amount }))
    .min(1)
    .refine(
      (tiers) => tiers.every(({ upTo }, index) => (upTo === undefined) === (index === tiers.length - 1)),
      {
        message: 'must have upTo in all but the last',
      },
    ),
});
const flat: z.ZodType<Flat, unknown> = z.strictObject({
  kind: z.literal('flat'),
  perMonth: amount,
});
const pooled: z.ZodType<Pooled, unknown> = z.strictObject({
  kind: z.literal('pooled'),
  unit,
  included: amount,
  perMonth: amount,
  perUnit: amount,
});
const p95: z.ZodType<P95, unknown> = z.strictObject({
  kind: z.literal('p95'),
  perMbps: amount,
  committedMbps: amount.default(0),
});

export type Billing = Metered | Flat | Pooled | P95;

export interface Plan {
  readonly name: string;
  readonly provider: string;
  readonly region: string;
  readonly of: 'edge' | 'origin' | 'turn';
  /** ISO 4217. */
  readonly currency: string;
  readonly timeZone: string;
  readonly date: string;
  readonly source: string;
  readonly billing: Billing;
}

const plan: z.ZodType<Plan, unknown> = z.strictObject({
  name: z.string().min(1).max(64),
  provider: z.string().min(1),
  region: z.string().min(1),
  /** Whose egress it is. */
  of: z.enum(['edge', 'origin', 'turn']),
  currency: z.string().regex(/^[A-Z]{3}$/),
  /** Months begin at midnight there. */
  timeZone: z
    .string()
    .refine(isTimeZone, { message: 'is not a time zone such as Europe/Berlin' })
    .default('UTC'),
  /** When the price was read, and where. */
  date: z.iso.date(),
  source: z.string().min(1),
  billing: z.union([metered, flat, pooled, p95]),
});

export const priceListSchema: z.ZodType<PriceList, unknown> = z
  .strictObject({
    plans: z.array(plan),
    /** What is billed where nothing else is asked for. */
    use: z.strictObject({
      edge: z.string().optional(),
      origin: z.string().optional(),
      turn: z.string().optional(),
    }),
  })
  .superRefine(({ plans, use }, context) => {
    const names = plans.map(({ name }) => name);
    for (const name of names.filter((name, index) => names.indexOf(name) !== index)) {
      context.addIssue({ code: 'custom', message: `has two plans called ${name}`, path: ['plans'] });
    }
    for (const [kind, name] of Object.entries(use)) {
      if (name !== undefined && !plans.some((plan) => plan.name === name && plan.of === kind)) {
        context.addIssue({ code: 'custom', message: `names no plan of ${kind}`, path: ['use', kind] });
      }
    }
  });

export interface PriceList {
  readonly plans: readonly Plan[];
  readonly use: {
    readonly edge?: string | undefined;
    readonly origin?: string | undefined;
    readonly turn?: string | undefined;
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
