import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { accessFields, clientLimits, namedSites, siteFields, withBursts } from './access-schema.js';
import { cacheSchema, siteCacheSchema } from './cache-schema.js';
import { ConfigError } from './config-error.js';
import type { EdgeConfig } from './edge-config.js';
import { address, size, timeout, whole } from './fields.js';
import { insightSchema, keptTogether } from './insight-schema.js';
import { originSchema, shieldSchema, siblingsSchema } from './origin-schema.js';
import { prefetchSchema } from './prefetch-schema.js';
import { swarmSchema } from './swarm-schema.js';

const schema = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[0-9A-Za-z!#$%&'*+\-.^_`|~]{1,64}$/,
        'is not a token of at most 64 characters, such as eddy-fra-1',
      )
      .prefault(() => `eddy-${randomBytes(5).toString('hex')}`),
    origin: originSchema.prefault({}),
    shield: shieldSchema.prefault({}),
    siblings: siblingsSchema.prefault({}),
    listeners: z
      .strictObject({
        public: address.prefault('127.0.0.1:8080'),
        admin: address.prefault('127.0.0.1:8081'),
        insight: address.prefault('127.0.0.1:8082'),
      })
      .prefault({}),
    cache: cacheSchema.prefault({}),
    prefetch: prefetchSchema,
    limits: z
      .strictObject({
        headerBytes: size(1024).prefault('16KiB'),
        urlBytes: size(256).prefault('8KiB'),
        connections: whole(1, 1_000_000).prefault(20_000),
        headersMs: timeout.prefault('10s'),
        requestMs: timeout.prefault('30s'),
        keepAliveMs: timeout.prefault('75s'),
        stalledMs: timeout.prefault('60s'),
        fills: whole(1, 100_000).prefault(512),
        fillBytes: size(1024).prefault('256MiB'),
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
    swarm: swarmSchema.prefault({}),
    insight: insightSchema.prefault({}),
    dataDir: z.string().min(1).prefault('.eddy/edge'),
    log: z
      .strictObject({
        level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).prefault('info'),
      })
      .prefault({}),
    workers: whole(1, 64).prefault(1),
    stopDeadlineMs: timeout.prefault('10s'),
  })
  .refine(({ cache, limits }) => cache.maxObjectBytes <= limits.fillBytes, {
    path: ['limits', 'fillBytes'],
    message: 'is below cache.maxObjectBytes: the largest objects could never be fetched',
  })
  .superRefine(keptTogether);

/** Checks all but that an origin is set, which a flag may still do. @throws ConfigError with every problem. */
export function checkSettings(raw: unknown): void {
  parse(raw);
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
  return { ...rest, origin: first };
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
