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
  connectionsPerAddress: whole(0, 1_000_000).prefault(0),
  requestsPerSecond: perSecond.prefault(0),
  requestBurst: whole(1, 1_000_000).optional(),
  sessionRequestsPerSecond: perSecond.prefault(0),
  sessionRequestBurst: whole(1, 1_000_000).optional(),
  trackedClients: whole(64, 16_777_216).prefault(65_536),
  readBytesPerSecond: size(0).prefault('1KiB'),
  slowReaderMs: timeout.prefault('20s'),
  bodyBytes: size(0).prefault('8MiB'),
  http2Streams: whole(1, 10_000).prefault(100),
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
    keysFile: z.string().min(1).optional(),
    keysUrl: z.url({ protocol: /^https?$/, message: 'is not an http(s) URL' }).optional(),
    refreshMs: timeout.optional(),
    algorithms: z
      .array(z.enum(TOKEN_ALGORITHMS))
      .min(1)
      .prefault([...TOKEN_ALGORITHMS]),
    issuer: z.string().min(1).optional(),
    audiences: z.array(z.string().min(1)).prefault([]),
    maxLifetimeMs: duration(1000).prefault('24h'),
    skewMs: duration(0).prefault('10s'),
    queryParameter: z
      .string()
      .regex(/^[\w-]+$/)
      .prefault('token'),
    cookie: z
      .string()
      .regex(/^[\w-]+$/)
      .prefault('eddy_token'),
    publicPrefixes: z.array(prefix).prefault([]),
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
    origins: z.array(origin).min(1),
    credentials: flag.prefault(false),
    allowHeaders: z.array(z.string().regex(/^[\w-]+$/)).prefault([]),
    exposeHeaders: z.array(z.string().regex(/^[\w-]+$/)).prefault([]),
    maxAgeSeconds: whole(0, 86_400).prefault(86_400),
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
    .optional(),
  hosts: z.array(hostPattern).min(1),
  cors: cors.optional(),
  access: z.union([z.literal('open'), access]).optional(),
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
      .prefault([]),
    protocol: z.enum(['off', 'accept', 'require']).prefault('off'),
    headerMs: timeout.prefault('5s'),
  })
  .refine(({ protocol, trusted }) => protocol === 'off' || trusted.length > 0, {
    path: ['protocol'],
    message: 'needs proxies.trusted: nobody else is believed',
  });

const files = { certFile: z.string().min(1), keyFile: z.string().min(1) } as const;

export const tls: z.ZodType<TlsConfig, unknown> = z.strictObject({
  listen: address,
  ...files,
  certificates: z.array(z.strictObject({ hosts: z.array(hostPattern).min(1), ...files })).prefault([]),
  minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).prefault('TLSv1.2'),
  http2: flag.prefault(true),
  reloadMs: timeout.prefault('60s'),
});

/** Keys at the top level. */
export const accessFields: {
  readonly [Key in keyof Omit<AccessSettings, 'sites'>]-?: z.ZodType<AccessSettings[Key], unknown>;
} = {
  cors: cors.optional(),
  access: access.optional(),
  proxies: proxies.prefault({}),
  tls: tls.optional(),
  accessLog: z
    .strictObject({
      file: z.string().min(1),
      sample: measure('a number from 0 to 1', Number, 0, 1).prefault(1),
      addresses: z.enum(['full', 'short', 'none']).prefault('short'),
    })
    .optional(),
};
