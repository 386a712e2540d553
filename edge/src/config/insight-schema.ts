import { z } from 'zod';
import type { EdgeConfig, InsightOptions } from './edge-config.js';
import { flag, whole } from './fields.js';
import { readerAccess } from './reader-access-schema.js';

const url = z.url({ protocol: /^https?$/, message: 'is not an http(s) URL' });
const secret = z.string().min(16, 'has fewer than 16 characters');
const days = (usual: number): z.ZodType<number, unknown> => whole(1, 3660).prefault(usual);

/** Before it is known where the edge stands. */
type InsightSettings = Omit<InsightOptions, 'pop'> & { readonly pop?: string | undefined };

export const insightSchema: z.ZodType<InsightSettings, unknown> = z
  .strictObject({
    enabled: flag.describe('Whether beacons are taken in and the dashboard is served').prefault(true),
    pop: z
      .string()
      .regex(/^[\w.-]{1,64}$/, 'is not a name such as fra')
      .describe('Where this edge stands, for figures by PoP')
      .meta({ default: '`cluster.pop`' })
      .optional(),
    pricesFile: z
      .string()
      .min(1)
      .describe('Prices of egress by plan')
      .meta({ default: '`prices/prices.yaml` of the edge' })
      .optional(),
    minuteDays: days(7).describe('Days that figures by the minute are kept'),
    hourDays: days(90).describe('Days that figures by the hour are kept'),
    dayDays: days(3 * 366).describe('Days that figures by the day are kept'),
    clickhouse: z
      .strictObject({
        url: url.describe('`http(s)://host:8123`; figures are kept there, not in `dataDir`').optional(),
        database: z
          .string()
          .regex(/^\w{1,64}$/, 'is not a plain name')
          .describe('Its database')
          .prefault('eddy'),
        username: z.string().min(1).describe('Its user').prefault('default'),
        password: z.string().describe('The password; better in the environment than in the file').optional(),
      })
      .prefault({}),
    forward: z
      .strictObject({
        to: url
          .describe('Base URL of the admin listener of the edge that keeps what this one hears')
          .optional(),
        secret: secret.describe('Its `insight.collect.secret`').optional(),
      })
      .prefault({}),
    collect: z
      .strictObject({ secret: secret.describe('Other edges forward to this one with it').optional() })
      .prefault({}),
    access: readerAccess.optional(),
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
  {
    insight,
    siblings,
    swarm,
    cluster,
  }: Pick<EdgeConfig, 'siblings' | 'swarm' | 'cluster'> & {
    readonly insight: InsightSettings;
  },
  context: z.core.$RefinementCtx,
): void {
  const { bus, edges, shields } = cluster;
  const isOneOfSeveral =
    siblings.urls.length > 1 || swarm.meet.length > 0 || bus.urls.length + edges.length + shields.length > 0;
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
