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

const AWS = 'the usual AWS variables and files';

const s3 = z
  .strictObject({
    client: z
      .enum(['fast', 'sdk'])
      .describe('`fast` signs requests itself; `sdk` leaves all to Amazon’s client')
      .prefault('fast'),
    endpoint: z
      .url({ protocol: /^https?$/, message: 'is not an http(s) URL' })
      .describe('Of an S3 service other than Amazon’s')
      .meta({ default: AWS })
      .optional(),
    region: z.string().describe('Region of the bucket').meta({ default: AWS }).optional(),
    accessKeyId: z
      .string()
      .describe('Credentials; better in the environment than in the file')
      .meta({ default: AWS })
      .optional(),
    secretAccessKey: z.string().describe('Secret of the credentials').meta({ default: AWS }).optional(),
    sessionToken: z.string().describe('Of credentials that end').meta({ default: AWS }).optional(),
  })
  .refine((keys) => (keys.accessKeyId === undefined) === (keys.secretAccessKey === undefined), {
    message: 'accessKeyId and secretAccessKey are given together or not at all',
  });

const breaker = z.strictObject({
  windowMs: timeout.describe('Failures are counted over this time').prefault('10s'),
  minRequests: whole(1, 1_000_000).describe('Fewer requests in that time say nothing').prefault(20),
  failurePercent: measure('a number from 1 to 100', Number, 1, 100)
    .describe('The breaker opens where this share of them failed')
    .prefault(50),
  openMs: timeout.describe('How long nothing is asked, before one request may try').prefault('5s'),
});

export const originSchema: z.ZodType<OriginSettings> = z.strictObject({
  url: originUrl
    .describe('Where objects come from: file:///dir, s3://bucket/prefix or http(s)://host/prefix')
    .optional(),
  kind: z
    .enum(['files', 'server'])
    .describe('`files` says nothing of lifetimes, so rules by path do; `server` speaks HTTP and is obeyed')
    .meta({ default: '`files` for folders and buckets, `server` for http(s)' })
    .optional(),
  urls: listOf(originUrl, 16)
    .describe('Others that hold the same, asked in this order when those before fail')
    .prefault([]),
  failoverOnMissing: flag.describe('Asks them also for what those before do not have').prefault(false),
  connections: whole(1, 10_000)
    .describe('Connections to each origin, shield or sibling at a time')
    .prefault(128),
  connectMs: timeout.describe('Until it is connected').prefault('2s'),
  firstByteMs: timeout.describe('From request to response head, for one attempt').prefault('10s'),
  heldMs: timeout
    .describe('The same for a playlist reload that the origin holds until there is news (`_HLS_msn`)')
    .prefault('30s'),
  idleMs: timeout.describe('Between two pieces of a body').prefault('10s'),
  allTriesMs: timeout.describe('From request to response head over all attempts and origins').prefault('15s'),
  retries: whole(0, 10)
    .describe('Further attempts, and how often a body that broke off is resumed')
    .prefault(2),
  breaker: breaker.prefault({}),
  s3: s3.prefault({}),
});

export const shieldSchema: z.ZodType<ShieldConfig> = z.strictObject({
  urls: listOf(edgeUrl, 16)
    .describe('Other edges that are asked before the origin, in order of preference')
    .prefault([]),
});

export const siblingsSchema: z.ZodType<SiblingsConfig> = z
  .strictObject({
    self: edgeUrl.describe('This edge, as its siblings name it').optional(),
    urls: listOf(edgeUrl, 64)
      .describe('The edges of this PoP, which share what they hold; the same list on all of them')
      .prefault([]),
    addresses: listOf(
      z.string().refine(isAddressRange, { message: 'is not an address or range, such as 10.0.0.0/24' }),
      256,
    )
      .describe('Addresses and ranges that siblings ask from')
      .meta({ default: 'those in `urls` that are addresses' })
      .prefault([]),
  })
  .refine(({ self, urls }) => self !== undefined || urls.length === 0, {
    path: ['self'],
    message: 'is not set: each edge has to know which of the siblings it is',
  });
