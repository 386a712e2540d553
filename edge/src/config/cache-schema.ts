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
  pathPrefix: pathPrefix.describe('Matches paths that begin so').optional(),
  extensions: z
    .array(z.string().transform((text) => text.replace(/^\./, '').toLowerCase()))
    .describe('Matches paths that end so, without the dot')
    .optional(),
  freshMs: z
    .union([z.literal('playlist'), duration(0)])
    .describe('How long it is fresh; `playlist`: half the target duration while it is live, then an hour'),
  immutable: flag.describe('Tells players that the bytes never change').optional(),
  staleWhileRevalidateMs: duration(0).describe('As `cache.staleWhileRevalidateMs`').optional(),
  staleIfErrorMs: duration(0).describe('As `cache.staleIfErrorMs`').optional(),
});

const query = z.union([z.enum(['none', 'all']), z.array(z.string().min(1))]);
const heuristicPercent = measure('a number from 0 to 100', Number, 0, 100);

/** What a site may say for itself; what it does not is as at the top level. */
export const siteCacheSchema: z.ZodType<SiteCacheConfig, unknown> = z.strictObject({
  negativeMs: duration(0).describe('As `cache.negativeMs`').optional(),
  staleIfErrorMs: duration(0).describe('As `cache.staleIfErrorMs`').optional(),
  staleWhileRevalidateMs: duration(0).describe('As `cache.staleWhileRevalidateMs`').optional(),
  heuristicPercent: heuristicPercent.describe('As `cache.heuristicPercent`').optional(),
  query: query.describe('As `cache.query`').optional(),
  ignoreQuery: z.array(z.string().min(1)).describe('As `cache.ignoreQuery`').optional(),
  rules: z.array(rule).describe('As `cache.rules`').optional(),
});

export const cacheSchema: z.ZodType<CacheConfig, unknown> = z
  .strictObject({
    ...diskFields,
    memoryBytes: size(MIB)
      .describe('Memory for cached objects')
      .prefault(256 * MIB),
    maxObjectBytes: size(1)
      .describe('Larger objects are held in parts, or stream through')
      .meta({ default: '64MiB, at most half of `memoryBytes`' })
      .optional(),
    policy: z.enum(CACHE_POLICIES).describe('Who leaves memory when it is full').prefault('lru'),
    sliceBytes: size(0).describe('Size of the parts of larger objects; 0 holds no parts').prefault('4MiB'),
    negativeMs: duration(0)
      .describe('How long a 404 or 410 is remembered whose origin says nothing')
      .meta({ default: '1s for files, 0 for servers' })
      .optional(),
    staleIfErrorMs: duration(0)
      .describe('How long after its lifetime an object may be served while the origin fails')
      .meta({ default: '10s for files, 0 for servers' })
      .optional(),
    staleWhileRevalidateMs: duration(0)
      .describe('The same while the origin is asked in the background')
      .prefault(0),
    heuristicPercent: heuristicPercent
      .describe(
        'Share of its age that counts as lifetime where a web server names none (RFC 9111 section 4.2.2)',
      )
      .prefault(0),
    query: query
      .describe('What of a query names the object: parameters, `all` or `none`')
      .meta({ default: '`none` for files, `all` for servers' })
      .optional(),
    ignoreQuery: z.array(z.string().min(1)).describe('Parameters that never count').prefault(['CMCD']),
    rules: z
      .array(rule)
      .describe(
        'Lifetimes by path where the origin says nothing; the first that matches counts, then the built-in ones',
      )
      .prefault([]),
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
