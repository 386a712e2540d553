import { z } from 'zod';
import type { ClusterConfig } from './cluster-config.js';
import { duration, flag, measure, timeout } from './fields.js';

/** Which PoP players are sent to. */
export interface SteeringConfig {
  /** Default false: players stay where they are. */
  readonly enabled: boolean;
  /** How long a player goes by one answer. Default 30 s. */
  readonly ttlMs: number;
  /** Where players may be sent, beside the edges that the bus knows. Default: none. */
  readonly pops: readonly SteeringPop[];
  /** A header of trusted proxies that says where a viewer is, before `swarm.databases`. Default: none. */
  readonly regionHeader?: string | undefined;
  /** Of what a PoP may send; above it viewers are sent elsewhere, the more the higher. Default 80. */
  readonly highLoadPercent: number;
  /** Over this time viewers come back to a PoP that is well again. Default 30 s; 0: as soon as they ask. */
  readonly returnMs: number;
  /** How often each PoP of the list that is not on the bus is asked how it is. Default 5 s. */
  readonly probeMs: number;
}

export interface SteeringPop {
  /** As `cluster.pop` of its edges. */
  readonly name: string;
  /** Where players reach it, without a slash at the end. Default: its edges say so on the bus, each for itself. */
  readonly url?: string | undefined;
  /** Countries (`de`), their parts (`de-by`), continents (`europe`), or words of `regionHeader`; lower case. Default: none. */
  readonly regions: readonly string[];
  /** Its share among PoPs that are as near. Default 1; 0: only where no other is left. */
  readonly weight: number;
}

const popUrl = z
  .url({ protocol: /^https?$/, message: 'is not an http(s) URL of a PoP', abort: true })
  .max(256)
  .refine((text) => new URL(text).pathname === '/' && new URL(text).search === '', {
    message: 'has a path: players keep their paths on every PoP, give scheme and host alone',
  })
  .transform((text) => new URL(text).origin);

const pop = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'is not a name such as fra')
    .describe('As `cluster.pop` of its edges'),
  url: popUrl
    .describe('Where players reach it, without a path')
    .meta({ default: '`cluster.publicUrl` of its edges on the bus' })
    .optional(),
  regions: z
    .array(
      z
        .string()
        .regex(/^[\w-]{1,64}$/, 'is not a word such as de, de-by or europe')
        .toLowerCase(),
    )
    .max(300)
    .describe('Countries (`de`), their parts (`de-by`), continents (`europe`) or words of `regionHeader`')
    .prefault([]),
  weight: measure('a number from 0 to 1000', Number, 0, 1_000)
    .describe('Its share among PoPs that are as near; 0: only where no other is left')
    .prefault(1),
});

export const steeringSchema: z.ZodType<SteeringConfig, unknown> = z.strictObject({
  enabled: flag.describe('Whether multivariant playlists tell players which PoP to go to').prefault(false),
  ttlMs: timeout
    .refine((ms) => ms >= 1_000 && ms <= 3_600_000, { message: 'is not from 1s to 1h' })
    .describe('How long a player goes by one answer, 1s to 1h')
    .prefault('30s'),
  pops: z
    .array(pop)
    .max(64)
    .refine((pops) => new Set(pops.map(({ name }) => name)).size === pops.length, {
      message: 'has a name twice',
    })
    .refine((pops) => new Set(pops.map(({ url, name }) => url ?? name)).size === pops.length, {
      message: 'has a url twice: what is behind one URL is one PoP',
    })
    .prefault([]),
  regionHeader: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'is not the name of a header, such as X-Region')
    .toLowerCase()
    .describe('Header of trusted proxies that says where a viewer is, before `swarm.databases`')
    .optional(),
  highLoadPercent: measure('a number from 1 to 100', Number, 1, 100)
    .describe('Of what a PoP may send; above it viewers are sent elsewhere, the more the higher')
    .prefault(80),
  returnMs: duration(0)
    .describe('Over this time viewers come back to a PoP that is well again')
    .prefault('30s'),
  probeMs: timeout
    .refine((ms) => ms >= 100, { message: 'is below 100ms' })
    .describe('How often each PoP of the list that is not on the bus is asked how it is')
    .prefault('5s'),
});

interface Steered {
  readonly steering: SteeringConfig;
  readonly cluster: Pick<ClusterConfig, 'pop' | 'publicUrl' | 'role'>;
  readonly sites: readonly unknown[];
  readonly proxies: { readonly trusted: readonly string[] };
}

/** What steering needs of the other settings. */
export function steerable(
  { steering, cluster, sites, proxies }: Steered,
  context: z.core.$RefinementCtx,
): void {
  if (!steering.enabled) return;
  const complain = (setting: string, message: string): void =>
    context.addIssue({ code: 'custom', input: steering, path: ['steering', setting], message });
  const own = steering.pops.find(({ name }) => name === cluster.pop)?.url ?? cluster.publicUrl;
  if (cluster.role === 'shield')
    complain('enabled', 'makes no sense for a shield: players are not sent to it');
  else if (own === undefined) {
    const pop = JSON.stringify(cluster.pop);
    complain(
      'enabled',
      `needs to know where players reach this edge: set cluster.publicUrl, or the url of ${pop} in steering.pops`,
    );
  } else {
    for (const { name, url = own } of steering.pops) {
      if (isLike(url, own)) continue;
      complain(
        'pops',
        `${name}: ${url} differs from ${own} in more than the host, which is all that players change`,
      );
    }
  }
  if (sites.length > 1) {
    complain(
      'enabled',
      'needs a single site: players change the host, and of several sites the host says whose they are',
    );
  }
  if (steering.regionHeader !== undefined && proxies.trusted.length === 0) {
    complain('regionHeader', 'is believed from trusted proxies alone: set proxies.trusted');
  }
}

/** Whether a player that exchanges the host of one has the other. */
export function isLike(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)];
  return a.protocol === b.protocol && a.port === b.port && a.pathname === b.pathname;
}
