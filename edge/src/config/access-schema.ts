import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import type {
  AccessSettings,
  ClientLimits,
  CorsConfig,
  ProxiesConfig,
  SiteConfig,
  TlsConfig,
  TokensConfig,
} from './access-config.js';
import { TOKEN_ALGORITHMS } from './access-config.js';
import { address, duration, type Field, flag, measure, size, timeout, whole } from './fields.js';

type Bursts = 'requestBurst' | 'sessionRequestBurst';

const perSecond = measure('a number from 0 to 100000', Number, 0, 100_000);

/** Keys of `limits` that count by client. */
export const clientLimits: {
  readonly [Key in keyof ClientLimits]: Key extends Bursts
    ? z.ZodOptional<Field<number>>
    : z.ZodPrefault<Field<number>>;
} = {
  connectionsPerAddress: whole(0, 1_000_000)
    .describe('Connections from one address (IPv6: one /64); 0 is no limit')
    .prefault(0),
  requestsPerSecond: perSecond
    .describe('Requests a second from one address, over time; over it 429; 0 is no limit')
    .prefault(0),
  requestBurst: whole(1, 1_000_000)
    .describe('Requests at once from one address')
    .meta({ default: 'four seconds’ worth' })
    .optional(),
  sessionRequestsPerSecond: perSecond
    .describe('The same by the session of a token; 0 is no limit')
    .prefault(0),
  sessionRequestBurst: whole(1, 1_000_000)
    .describe('Requests at once of one session')
    .meta({ default: 'four seconds’ worth' })
    .optional(),
  trackedClients: whole(64, 16_777_216)
    .describe('Addresses and sessions that are remembered')
    .prefault(65_536),
  readBytesPerSecond: size(0)
    .describe('A client that takes less, for `slowReaderMs`, is cut; 0 is no limit')
    .prefault('1KiB'),
  slowReaderMs: timeout.describe('For how long').prefault('20s'),
  bodyBytes: size(0).describe('The body of a request that is passed on; over it 413').prefault('8MiB'),
  http2Streams: whole(1, 10_000).describe('Requests at once on one HTTP/2 connection').prefault(100),
};

/** Four seconds' worth where none is given: a player that starts asks for much at once. */
export function withBursts<Limits extends Omit<ClientLimits, Bursts>>(
  limits: Limits & { readonly [Key in Bursts]?: number | undefined },
): Limits & Pick<ClientLimits, Bursts> {
  const burst = (perSecond: number): number => Math.max(1, Math.ceil(perSecond * 4));
  return {
    ...limits,
    requestBurst: limits.requestBurst ?? burst(limits.requestsPerSecond),
    sessionRequestBurst: limits.sessionRequestBurst ?? burst(limits.sessionRequestsPerSecond),
  };
}

const prefix = z.string().startsWith('/', 'begins without /, so it matches nothing');

export const access: z.ZodType<TokensConfig, unknown> = z
  .strictObject({
    keysFile: z
      .string()
      .min(1)
      .describe('A JWK set, a JWK or PEM that tokens are verified with; read again without a restart')
      .optional(),
    keysUrl: z
      .url({ protocol: /^https?$/, message: 'is not an http(s) URL' })
      .describe('A JWK set at a URL instead')
      .optional(),
    refreshMs: timeout
      .describe('How often keys are looked at again')
      .meta({ default: '10s for a file, 5m for a URL' })
      .optional(),
    algorithms: z
      .array(z.enum(TOKEN_ALGORITHMS))
      .min(1)
      .describe('Algorithms of tokens that are taken')
      .prefault([...TOKEN_ALGORITHMS]),
    issuer: z.string().min(1).describe('`iss` of tokens must be this').optional(),
    audiences: z
      .array(z.string().min(1))
      .describe('`aud` must have one of these, or the site’s name or host')
      .prefault([]),
    maxLifetimeMs: duration(1000).describe('Furthest that `exp` may lie ahead').prefault('24h'),
    skewMs: duration(0).describe('By how much clocks may differ').prefault('10s'),
    queryParameter: z
      .string()
      .regex(/^[\w-]+$/)
      .describe('Query parameter that a token is looked for in, after the path')
      .prefault('token'),
    cookie: z
      .string()
      .regex(/^[\w-]+$/)
      .describe('Cookie that a token is looked for in, after that')
      .prefault('eddy_token'),
    publicPrefixes: z.array(prefix).describe('Paths below these need no token').prefault([]),
  })
  .refine(({ keysFile, keysUrl }) => (keysFile === undefined) !== (keysUrl === undefined), {
    message: 'needs keysFile or keysUrl, one of both',
  });

const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
  message: 'is not an origin, such as https://player.example',
});

export const cors: z.ZodType<CorsConfig, unknown> = z.union([
  z.enum(['edge', 'origin']),
  z.strictObject({
    origins: z.array(origin).min(1).describe('Pages of these origins may read'),
    credentials: flag.describe('Lets them send cookies').prefault(false),
    allowHeaders: z
      .array(z.string().regex(/^[\w-]+$/))
      .describe('Request headers beyond those that players need')
      .prefault([]),
    exposeHeaders: z
      .array(z.string().regex(/^[\w-]+$/))
      .describe('Response headers likewise')
      .prefault([]),
    maxAgeSeconds: whole(0, 86_400)
      .describe('How long browsers may remember a preflight, in seconds')
      .prefault(86_400),
  }),
]);

/** Lower case, international names in their ASCII form. */
export const hostPattern: z.ZodType<string, string> = z.string().transform((text, context) => {
  const wild = text.startsWith('*.');
  const name = text.startsWith('[') ? text.toLowerCase() : domainToASCII(wild ? text.slice(2) : text);
  if (/^[a-z0-9_[][a-z0-9_.:[\]-]*$/.test(name) && !/:\d+$/.test(name.replace(/\[.*\]/, ''))) {
    return wild ? `*.${name}` : name;
  }
  context.addIssue({
    code: 'custom',
    message: `${JSON.stringify(text)} is not a host, such as video.example or *.cdn.example (without port)`,
  });
  return z.NEVER;
});

/** Keys that every site has beside those of cache and origin. */
export const siteFields: {
  readonly [Key in keyof SiteConfig]-?: z.ZodType<
    Key extends 'name' ? string | undefined : SiteConfig[Key],
    unknown
  >;
} = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'is not a short name of a-z, 0-9, dot and hyphen')
    .describe('Its name in cache keys, metrics and purges')
    .meta({ default: 'the first host' })
    .optional(),
  hosts: z
    .array(hostPattern)
    .min(1)
    .describe('Hosts that it answers for: `video.example`, or `*.cdn.example` for all below'),
  cors: cors.describe('As at the top level, for this site').optional(),
  access: z
    .union([z.literal('open'), access])
    .describe('As at the top level, for this site; `open` asks for no tokens')
    .optional(),
};

/** Names each site by its first host where it has no name, and refuses what two sites have in common. */
export function namedSites<Site extends { name?: string | undefined; hosts: readonly string[] }>(
  sites: readonly Site[],
  context: z.core.$RefinementCtx,
): (Site & { name: string })[] {
  const named = sites.map((site) => ({
    ...site,
    name: site.name ?? (site.hosts[0] ?? '').replace('*.', ''),
  }));
  const seen = new Set<string>();
  for (const [index, { name, hosts }] of named.entries()) {
    for (const word of [`name ${name}`, ...hosts.map((host) => `host ${host}`)]) {
      if (seen.has(word)) {
        context.addIssue({
          code: 'custom',
          input: sites,
          path: [index],
          message: `${word} is another site's too`,
        });
      }
      seen.add(word);
    }
  }
  return named;
}

export const proxies: z.ZodType<ProxiesConfig, unknown> = z
  .strictObject({
    trusted: z
      .array(
        z
          .string()
          .refine((text) => ipaddr.isValidCIDR(text) || ipaddr.isValid(text), 'is not an address range'),
      )
      .describe(
        'Addresses and ranges of balancers in front; only they are believed about whom they speak for',
      )
      .prefault([]),
    protocol: z
      .enum(['off', 'accept', 'require'])
      .describe(
        'PROXY protocol on the public listeners: from trusted addresses it may (`accept`) or must (`require`) come',
      )
      .prefault('off'),
    headerMs: timeout.describe('Until the PROXY header is complete').prefault('5s'),
  })
  .refine(({ protocol, trusted }) => protocol === 'off' || trusted.length > 0, {
    path: ['protocol'],
    message: 'needs proxies.trusted: nobody else is believed',
  });

const files = {
  certFile: z.string().min(1).describe('The certificate, with its intermediates (PEM)'),
  keyFile: z.string().min(1).describe('Its key (PEM)'),
} as const;

export const tls: z.ZodType<TlsConfig, unknown> = z.strictObject({
  listen: address.describe('A second public listener, encrypted'),
  ...files,
  certificates: z
    .array(z.strictObject({ hosts: z.array(hostPattern).min(1).describe('Names that it is for'), ...files }))
    .prefault([]),
  minVersion: z
    .enum(['TLSv1.2', 'TLSv1.3'])
    .describe('Older versions of TLS are refused')
    .prefault('TLSv1.2'),
  http2: flag.describe('Whether HTTP/2 is offered').prefault(true),
  reloadMs: timeout.describe('How often the files are looked at; SIGHUP looks at once').prefault('60s'),
});

/** Keys at the top level. */
export const accessFields: {
  readonly [Key in keyof Omit<AccessSettings, 'sites'>]-?: z.ZodType<AccessSettings[Key], unknown>;
} = {
  cors: cors
    .describe('Which pages may read: any (`edge`), those that the origin names (`origin`), or these')
    .meta({ default: '`edge` for files, `origin` for servers' })
    .optional(),
  access: access.optional(),
  proxies: proxies.prefault({}),
  tls: tls.optional(),
  accessLog: z
    .strictObject({
      file: z
        .string()
        .min(1)
        .describe('One line for each request; `-` is standard output. Opened again on SIGHUP'),
      sample: measure('a number from 0 to 1', Number, 0, 1)
        .describe('Share of requests that are written')
        .prefault(1),
      addresses: z
        .enum(['full', 'short', 'none'])
        .describe('Addresses in it: `short` leaves out the last 8 bits (80 of IPv6)')
        .prefault('short'),
    })
    .optional(),
};
