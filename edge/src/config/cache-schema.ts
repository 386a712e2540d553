import { z } from 'zod';
import { CACHE_POLICIES } from '../cache/policy/open-store.js';
import { diskFields } from './disk-schema.js';
import type { CacheConfig, SiteCacheConfig } from './edge-config.js';
import { duration, flag, measure, size } from './fields.js';

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

const query = z.union([z.enum(['none', 'all']), z.array(z.string().min(1))]);
const heuristicPercent = measure('a number from 0 to 100', Number, 0, 100);

/** What a site may say for itself; what it does not is as at the top level. */
export const siteCacheSchema: z.ZodType<SiteCacheConfig, unknown> = z.strictObject({
  negativeMs: duration(0).optional(),
  staleIfErrorMs: duration(0).optional(),
  staleWhileRevalidateMs: duration(0).optional(),
  heuristicPercent: heuristicPercent.optional(),
  query: query.optional(),
  ignoreQuery: z.array(z.string().min(1)).optional(),
  rules: z.array(rule).optional(),
});

export const cacheSchema: z.ZodType<CacheConfig, unknown> = z
  .strictObject({
    ...diskFields,
    memoryBytes: size(MIB).prefault(256 * MIB),
    maxObjectBytes: size(1).optional(),
    policy: z.enum(CACHE_POLICIES).prefault('lru'),
    sliceBytes: size(0).prefault('4MiB'),
    negativeMs: duration(0).optional(),
    staleIfErrorMs: duration(0).optional(),
    staleWhileRevalidateMs: duration(0).prefault(0),
    heuristicPercent: heuristicPercent.prefault(0),
    query: query.optional(),
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
  });
