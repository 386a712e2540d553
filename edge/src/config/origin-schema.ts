import { z } from 'zod';
import { isAddressRange } from '../upstream/eddy-hop.js';
import type { OriginConfig, ShieldConfig, SiblingsConfig } from './edge-config.js';
import { flag, listOf, measure, timeout, whole } from './fields.js';

/** The origin before it is known that there is one. */
export type OriginSettings = Omit<OriginConfig, 'url'> & { readonly url?: string | undefined };

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

/** Another edge, always written the same way, since siblings compare their lists. */
const edgeUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    message: 'is not an http(s) URL of an edge',
    abort: true,
  })
  .transform((text) => new URL(text).href);

const s3 = z
  .strictObject({
    client: z.enum(['fast', 'sdk']).prefault('fast'),
    endpoint: z.url({ protocol: /^https?$/, message: 'is not an http(s) URL' }).optional(),
    region: z.string().optional(),
    accessKeyId: z.string().optional(),
    secretAccessKey: z.string().optional(),
    sessionToken: z.string().optional(),
  })
  .refine((keys) => (keys.accessKeyId === undefined) === (keys.secretAccessKey === undefined), {
    message: 'accessKeyId and secretAccessKey are given together or not at all',
  });

const breaker = z.strictObject({
  windowMs: timeout.prefault('10s'),
  minRequests: whole(1, 1_000_000).prefault(20),
  failurePercent: measure('a number from 1 to 100', Number, 1, 100).prefault(50),
  openMs: timeout.prefault('5s'),
});

export const originSchema: z.ZodType<OriginSettings> = z.strictObject({
  url: originUrl.optional(),
  kind: z.enum(['files', 'server']).optional(),
  urls: listOf(originUrl, 16).prefault([]),
  failoverOnMissing: flag.prefault(false),
  connections: whole(1, 10_000).prefault(128),
  connectMs: timeout.prefault('2s'),
  firstByteMs: timeout.prefault('10s'),
  heldMs: timeout.prefault('30s'),
  idleMs: timeout.prefault('10s'),
  allTriesMs: timeout.prefault('15s'),
  retries: whole(0, 10).prefault(2),
  breaker: breaker.prefault({}),
  s3: s3.prefault({}),
});

export const shieldSchema: z.ZodType<ShieldConfig> = z.strictObject({
  urls: listOf(edgeUrl, 16).prefault([]),
});

export const siblingsSchema: z.ZodType<SiblingsConfig> = z
  .strictObject({
    self: edgeUrl.optional(),
    urls: listOf(edgeUrl, 64).prefault([]),
    addresses: listOf(
      z.string().refine(isAddressRange, { message: 'is not an address or range, such as 10.0.0.0/24' }),
      256,
    ).prefault([]),
  })
  .refine(({ self, urls }) => self !== undefined || urls.length === 0, {
    path: ['self'],
    message: 'is not set: each edge has to know which of the siblings it is',
  });
