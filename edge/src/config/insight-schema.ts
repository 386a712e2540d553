import { z } from 'zod';
import type { EdgeConfig, InsightOptions } from './edge-config.js';
import { flag, whole } from './fields.js';

const url = z.url({ protocol: /^https?$/, message: 'is not an http(s) URL' });
const secret = z.string().min(16, 'has fewer than 16 characters');
const days = (usual: number): z.ZodType<number, unknown> => whole(1, 3660).prefault(usual);

export const insightSchema: z.ZodType<InsightOptions, unknown> = z
  .strictObject({
    enabled: flag.prefault(true),
    pop: z
      .string()
      .regex(/^[\w.-]{1,64}$/, 'is not a name such as fra')
      .prefault('main'),
    pricesFile: z.string().min(1).optional(),
    minuteDays: days(7),
    hourDays: days(90),
    dayDays: days(3 * 366),
    clickhouse: z
      .strictObject({
        url: url.optional(),
        database: z
          .string()
          .regex(/^\w{1,64}$/, 'is not a plain name')
          .prefault('eddy'),
        username: z.string().min(1).prefault('default'),
        password: z.string().optional(),
      })
      .prefault({}),
    forward: z.strictObject({ to: url.optional(), secret: secret.optional() }).prefault({}),
    collect: z.strictObject({ secret: secret.optional() }).prefault({}),
  })
  .refine(({ forward }) => (forward.to === undefined) === (forward.secret === undefined), {
    path: ['forward'],
    message: 'needs both to and secret',
  })
  .refine(({ forward, clickhouse }) => forward.to === undefined || clickhouse.url === undefined, {
    path: ['forward'],
    message: 'makes no sense beside insight.clickhouse: one of them keeps the figures',
  })
  .refine(({ forward, collect }) => forward.to === undefined || collect.secret === undefined, {
    path: ['collect'],
    message: 'makes no sense beside insight.forward: who collects keeps the figures',
  });

/** Several edges, each with figures of its own, would each show a part and count retries twice. */
export function keptTogether(
  { insight, siblings, swarm }: Pick<EdgeConfig, 'insight' | 'siblings' | 'swarm'>,
  context: z.core.$RefinementCtx,
): void {
  const isOneOfSeveral = siblings.urls.length > 1 || swarm.meet.length > 0;
  const { clickhouse, forward, collect } = insight;
  if (!insight.enabled || !isOneOfSeveral) return;
  if ([clickhouse.url, forward.to, collect.secret].some((value) => value !== undefined)) return;
  context.addIssue({
    code: 'custom',
    input: insight,
    path: ['insight'],
    message:
      'is kept by each of several edges for itself: name clickhouse.url on all, or forward.to one that has collect.secret',
  });
}
