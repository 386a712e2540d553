import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { CACHE_POLICIES } from '../cache/policy/open-store.js';
import { ConfigError } from './config-error.js';
import type { EdgeConfig } from './edge-config.js';
import { address, duration, flag, measure, size, timeout, whole } from './fields.js';
import { originSchema, shieldSchema, siblingsSchema } from './origin-schema.js';

const MIB = 1024 * 1024;

const pathPrefix = z
  .string()
  .refine((text) => text.startsWith('/'), { message: 'begins without /, so it matches nothing' });

const rule = z.strictObject({
  pathPrefix: pathPrefix.optional(),
  extensions: z.array(z.string().transform((text) => text.replace(/^\./, '').toLowerCase())).optional(),
  freshMs: z.union([z.literal('playlist'), duration(0)]),
  immutable: flag.optional(),
  staleWhileRevalidateMs: duration(0).optional(),
  staleIfErrorMs: duration(0).optional(),
});

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
    cache: z
      .strictObject({
        memoryBytes: size(MIB).prefault(256 * MIB),
        maxObjectBytes: size(1).optional(),
        policy: z.enum(CACHE_POLICIES).prefault('lru'),
        sliceBytes: size(0).prefault('4MiB'),
        negativeMs: duration(0).optional(),
        staleIfErrorMs: duration(0).optional(),
        staleWhileRevalidateMs: duration(0).prefault(0),
        heuristicPercent: measure('a number from 0 to 100', Number, 0, 100).prefault(0),
        query: z.union([z.enum(['none', 'all']), z.array(z.string().min(1))]).optional(),
        ignoreQuery: z.array(z.string().min(1)).prefault(['CMCD']),
        rules: z.array(rule).prefault([]),
      })
      .transform((cache, context) => {
        const maxObjectBytes = cache.maxObjectBytes ?? Math.min(64 * MIB, Math.floor(cache.memoryBytes / 2));
        if (maxObjectBytes <= cache.memoryBytes / 2) return { ...cache, maxObjectBytes };
        context.addIssue({
          code: 'custom',
          path: ['maxObjectBytes'],
          message: 'is over half of cache.memoryBytes: one object would push out all others',
        });
        return z.NEVER;
      })
      .prefault({}),
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
      })
      .refine((limits) => limits.headersMs <= limits.requestMs, {
        path: ['headersMs'],
        message: 'is over limits.requestMs, which includes it',
      })
      .prefault({}),
    swarm: z
      .strictObject({
        enabled: flag.prefault(true),
        holdoutPercent: measure('a number from 0 to 100', Number, 0, 100).prefault(10),
        maxPeers: whole(0, 64).prefault(8),
        uploadBytesPerSecond: size(0).prefault(0),
        iceServers: z
          .array(
            z.strictObject({
              urls: z.array(z.string().regex(/^(stuns?|turns?):/, 'is not a stun: or turn: URL')).min(1),
              username: z.string().optional(),
              credential: z.string().optional(),
            }),
          )
          .max(8)
          .prefault([]),
      })
      .prefault({}),
    insight: z.strictObject({ enabled: flag.prefault(true) }).prefault({}),
    dataDir: z.string().min(1).prefault('.eddy/edge'),
    log: z
      .strictObject({
        level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).prefault('info'),
      })
      .prefault({}),
    workers: whole(1, 1024)
      .prefault(1)
      .refine((count) => count === 1, {
        message: 'only 1 is possible: one process serves all; give each further process its own listeners',
      }),
    stopDeadlineMs: timeout.prefault('10s'),
  })
  .refine(({ cache, limits }) => cache.maxObjectBytes <= limits.fillBytes, {
    path: ['limits', 'fillBytes'],
    message: 'is below cache.maxObjectBytes: the largest objects could never be fetched',
  });

/** Checks all but that an origin is set, which a flag may still do. @throws ConfigError with every problem. */
export function checkSettings(raw: unknown): void {
  parse(raw);
}

/** @throws ConfigError with every problem found. */
export function parseEdgeConfig(raw: unknown): EdgeConfig {
  const { origin, ...rest } = parse(raw);
  const [url, ...urls] = origin.url === undefined ? origin.urls : [origin.url, ...origin.urls];
  if (url === undefined) {
    throw new ConfigError([
      'origin.url is not set: give --origin URL, EDDY_ORIGIN or origin.url in the file',
    ]);
  }
  return { ...rest, origin: { ...origin, url, urls } };
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
