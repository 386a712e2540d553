import { z } from 'zod';
import { parseListenAddress } from './address.js';
import { ConfigError } from './config-error.js';
import type { EdgeConfig } from './edge-config.js';
import { parseDuration, parseSize } from './units.js';

const MIB = 1024 * 1024;

/** A value that files may write as a number or as text, and environment and flags always write as text. */
function measure(what: string, parse: (text: string) => number | undefined, min: number, max: number) {
  return z.union([z.number(), z.string()]).transform((given, context) => {
    const value = typeof given === 'number' ? given : parse(given);
    if (value === undefined || !Number.isFinite(value) || value < min || value > max) {
      context.addIssue({ code: 'custom', message: `${JSON.stringify(given)} is not ${what}` });
      return z.NEVER;
    }
    return value;
  });
}

const size = (min: number) =>
  measure(`a size of at least ${min} bytes, such as 256MiB`, parseSize, min, Number.MAX_SAFE_INTEGER);
const duration = (minMs: number) =>
  measure(
    `a time of at least ${minMs} ms, such as 500ms, 30s or 5m (a number is milliseconds)`,
    parseDuration,
    minMs,
    1000 * 365 * 86_400_000,
  );
/** Node keeps timers as 32-bit milliseconds. */
const timeout = measure(
  'a time from 1ms to 24d, such as 500ms or 30s (a number is milliseconds)',
  parseDuration,
  1,
  2 ** 31 - 1,
);
const whole = (min: number, max: number) =>
  measure(
    `a whole number from ${min} to ${max}`,
    (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
    min,
    max,
  ).refine(Number.isInteger, { message: `is not a whole number from ${min} to ${max}` });
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const address = z.string().transform((text, context) => {
  const parsed = parseListenAddress(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({
    code: 'custom',
    message: `${JSON.stringify(text)} is not HOST:PORT, such as 127.0.0.1:8080`,
  });
  return z.NEVER;
});

const originUrl = z.string().superRefine((text, context) => {
  const problem = URL.canParse(text) ? originProblem(new URL(text)) : 'is not a URL';
  if (problem !== undefined) {
    context.addIssue({
      code: 'custom',
      message: `${redactUrl(text)} ${problem}: use file:///dir, s3://bucket/prefix or http(s)://host/prefix`,
    });
  }
});

function originProblem(url: URL): string | undefined {
  if (!['file:', 's3:', 'http:', 'https:'].includes(url.protocol))
    return `has the unknown scheme ${url.protocol}//`;
  if (url.protocol === 'file:' && url.host !== '')
    return 'names a host; a folder is written with three slashes';
  if (url.protocol !== 'file:' && url.host === '') return 'names no host or bucket';
  if (url.search !== '' || url.hash !== '') return 'has a query or fragment';
  return undefined;
}

/** Credentials in a URL do not belong into messages. */
function redactUrl(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//…@');
}

const pathPrefix = z
  .string()
  .refine((text) => text.startsWith('/'), { message: 'begins without /, so it matches nothing' });

const rule = z.strictObject({
  pathPrefix: pathPrefix.optional(),
  extensions: z.array(z.string().transform((text) => text.replace(/^\./, '').toLowerCase())).optional(),
  freshMs: z.union([z.literal('playlist'), duration(0)]),
  immutable: flag.optional(),
  staleIfErrorMs: duration(0).optional(),
});

const schema = z
  .strictObject({
    origin: z
      .strictObject({
        url: originUrl.optional(),
        connections: whole(1, 10_000).prefault(128),
        connectMs: timeout.prefault('2s'),
        firstByteMs: timeout.prefault('10s'),
        idleMs: timeout.prefault('10s'),
        s3: z
          .strictObject({
            endpoint: z.url({ protocol: /^https?$/, message: 'is not an http(s) URL' }).optional(),
            region: z.string().optional(),
            accessKeyId: z.string().optional(),
            secretAccessKey: z.string().optional(),
            sessionToken: z.string().optional(),
          })
          .refine((s3) => (s3.accessKeyId === undefined) === (s3.secretAccessKey === undefined), {
            message: 'accessKeyId and secretAccessKey are given together or not at all',
          })
          .prefault({}),
      })
      .prefault({}),
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
        negativeMs: duration(0).prefault('1s'),
        staleIfErrorMs: duration(0).prefault('10s'),
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
    workers: whole(1, 64).prefault(1),
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
  if (origin.url === undefined) {
    throw new ConfigError([
      'origin.url is not set: give --origin URL, EDDY_ORIGIN or origin.url in the file',
    ]);
  }
  return { ...rest, origin: { ...origin, url: origin.url } };
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
