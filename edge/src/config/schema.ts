import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { accessFields, clientLimits, namedSites, siteFields, withBursts } from './access-schema.js';
import { cacheSchema, siteCacheSchema } from './cache-schema.js';
import { clusterSchema } from './cluster-schema.js';
import { ConfigError } from './config-error.js';
import type { EdgeConfig } from './edge-config.js';
import { address, duration, size, timeout, whole } from './fields.js';
import { insightSchema, keptTogether } from './insight-schema.js';
import { originSchema, shieldSchema, siblingsSchema } from './origin-schema.js';
import { prefetchSchema } from './prefetch-schema.js';
import { steerable, steeringSchema } from './steering-schema.js';
import { swarmSchema } from './swarm-schema.js';
import { configWarnings } from './warnings.js';

const schema = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[0-9A-Za-z!#$%&'*+\-.^_`|~]{1,64}$/,
        'is not a token of at most 64 characters, such as eddy-fra-1',
      )
      .describe('How this edge calls itself in `Via` and `CDN-Loop`')
      .meta({ default: '`eddy-` and random letters' })
      .prefault(() => `eddy-${randomBytes(5).toString('hex')}`),
    origin: originSchema.prefault({}),
    shield: shieldSchema.prefault({}),
    siblings: siblingsSchema.prefault({}),
    cluster: clusterSchema.prefault({}),
    listeners: z
      .strictObject({
        public: address
          .describe('Media, signaling and beacons. Open it to viewers with 0.0.0.0:8080')
          .prefault('127.0.0.1:8080'),
        admin: address
          .describe('Health, metrics, purge, settings. For operators and Prometheus alone')
          .prefault('127.0.0.1:8081'),
        insight: address.describe('Dashboard and its queries. Read only').prefault('127.0.0.1:8082'),
      })
      .prefault({}),
    cache: cacheSchema.prefault({}),
    prefetch: prefetchSchema,
    limits: z
      .strictObject({
        headerBytes: size(1024).describe('All header lines of a request; over it 431').prefault('16KiB'),
        urlBytes: size(256).describe('The request target; over it 414').prefault('8KiB'),
        connections: whole(1, 1_000_000)
          .describe('Connections of the public listeners; more are closed at once')
          .prefault(20_000),
        headersMs: timeout.describe('Until the header of a request is complete').prefault('10s'),
        requestMs: timeout.describe('Until a request is complete, its header included').prefault('30s'),
        keepAliveMs: timeout
          .describe('How long an idle connection is kept; longer than balancers in front keep theirs')
          .prefault('75s'),
        stalledMs: timeout.describe('How long a connection may neither take nor send a byte').prefault('60s'),
        fills: whole(1, 100_000)
          .describe('Fills under way at once; more are refused with 503 fill-limit')
          .prefault(512),
        fillBytes: size(1024)
          .describe('Memory of bodies on their way into the cache; more are refused with 503 fill-memory')
          .prefault('256MiB'),
        ...clientLimits,
      })
      .refine((limits) => limits.headersMs <= limits.requestMs, {
        path: ['headersMs'],
        message: 'is over limits.requestMs, which includes it',
      })
      .transform(withBursts)
      .prefault({}),
    sites: z
      .array(
        z.strictObject({
          ...siteFields,
          origin: originSchema.transform(withUrl).optional(),
          cache: siteCacheSchema.optional(),
        }),
      )
      .transform(namedSites)
      .prefault([]),
    ...accessFields,
    steering: steeringSchema.prefault({}),
    swarm: swarmSchema.prefault({}),
    insight: insightSchema.prefault({}),
    dataDir: z
      .string()
      .min(1)
      .describe('Where insight keeps its database. One running edge a folder')
      .prefault('.eddy/edge'),
    log: z
      .strictObject({
        level: z
          .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
          .describe('JSON lines on standard error')
          .prefault('info'),
      })
      .prefault({}),
    workers: whole(1, 64)
      .describe('Threads that serve the public listener, where hits need no look at who asks')
      .prefault(1),
    drainMs: duration(0)
      .describe(
        'How long a stop drains before it takes no more connections: players and balancers go elsewhere meanwhile',
      )
      .meta({ default: '5 s with a bus or steering, else 0' })
      .optional(),
    stopDeadlineMs: timeout.describe('How long a stop waits for responses under way').prefault('10s'),
  })
  .refine(({ cache, limits }) => cache.maxObjectBytes <= limits.fillBytes, {
    path: ['limits', 'fillBytes'],
    message: 'is below cache.maxObjectBytes: the largest objects could never be fetched',
  })
  .superRefine(steerable)
  .superRefine(keptTogether);

/** Others hear of it within a second, players of whom they ask next: with their next request, or by steering. */
const DRAIN_AMONG_MANY_MS = 5_000;

/** For `config/reference`. */
export const SETTINGS_SCHEMA: z.core.$ZodType = schema;

/**
 * Checks all but that an origin is set, which a flag may still do. Gives what works and is hardly meant.
 *
 * @throws ConfigError with every problem.
 */
export function checkSettings(raw: unknown): readonly string[] {
  return configWarnings(parse(raw));
}

/** @throws ConfigError with every problem found. */
export function parseEdgeConfig(raw: unknown): EdgeConfig {
  const { origin, ...rest } = parse(raw);
  const first = firstOf(origin) ?? rest.sites.find((site) => site.origin !== undefined)?.origin;
  const needsOne = rest.sites.length === 0 || rest.sites.some((site) => site.origin === undefined);
  if (first === undefined || (needsOne && firstOf(origin) === undefined)) {
    throw new ConfigError([
      'origin.url is not set: give --origin URL, EDDY_ORIGIN or origin.url in the file',
    ]);
  }
  const { insight, cluster, steering } = rest;
  const isOneOfMany = cluster.bus.urls.length > 0 || steering.enabled;
  return {
    ...{ ...rest, origin: first, insight: { ...insight, pop: insight.pop ?? cluster.pop } },
    drainMs: rest.drainMs ?? (isOneOfMany ? DRAIN_AMONG_MANY_MS : 0),
  };
}

type OriginGiven = z.output<typeof originSchema>;

/** `url` and `urls` are one list. Undefined: it names none. */
function firstOf(origin: OriginGiven): (OriginGiven & { url: string }) | undefined {
  const [url, ...urls] = origin.url === undefined ? origin.urls : [origin.url, ...origin.urls];
  return url === undefined ? undefined : { ...origin, url, urls };
}

function withUrl(origin: OriginGiven, context: z.core.$RefinementCtx): OriginGiven & { url: string } {
  const settled = firstOf(origin);
  if (settled !== undefined) return settled;
  context.addIssue({ code: 'custom', input: origin, path: ['url'], message: 'is not set' });
  return z.NEVER;
}

function parse(raw: unknown): z.output<typeof schema> {
  const result = schema.safeParse(raw ?? {});
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.flatMap(describeIssue));
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${[...path, key].join('.')} is not a setting`);
  }
  return [`${path.length === 0 ? 'the configuration' : path.join('.')}: ${issue.message}`];
}
