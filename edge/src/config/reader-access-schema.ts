import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import type { OidcOptions, ReaderAccessOptions } from './edge-config.js';
import { duration, listOf } from './fields.js';

const range = z
  .string()
  .refine((text) => ipaddr.isValidCIDR(text) || ipaddr.isValid(text), 'is not an address range');
const word = z.string().min(1);

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}

/** Whoever listens on the way would log in as anybody. */
const httpsUrl = z
  .url({ protocol: /^https?$/, message: 'is not an https URL' })
  .refine((text) => text.startsWith('https:') || isLoopback(new URL(text)), 'is not an https URL');

const oidc: z.ZodType<OidcOptions, unknown> = z
  .strictObject({
    issuer: httpsUrl.describe('Whoever logs people in (OpenID Connect)'),
    clientId: word.describe('Name of the dashboard there'),
    publicUrl: httpsUrl.describe('Where readers reach the insight listener'),
    clientSecret: word.describe('Its secret; better in a file').optional(),
    clientSecretFile: word.describe('File that has the secret instead').optional(),
    scopes: listOf(z.string().regex(/^[\w.:/-]+$/), 20)
      .describe('What is asked for')
      .prefault(['openid', 'email']),
    allow: listOf(
      z.string().regex(/^[^@\s]*@[^@\s]+$/, 'is not an address or a domain such as @site.example'),
      1000,
    )
      .describe('Addresses, or domains as `@site.example`, that may read')
      .meta({ default: 'all who can log in' })
      .prefault([]),
    groups: listOf(word, 1000)
      .describe('Groups whose members may read')
      .meta({ default: 'all who can log in' })
      .prefault([]),
    groupsClaim: word.describe('Claim that names the groups').prefault('groups'),
  })
  .refine(
    ({ clientSecret, clientSecretFile }) => clientSecret === undefined || clientSecretFile === undefined,
    {
      path: ['clientSecret'],
      message: 'and clientSecretFile: give one of both',
    },
  )
  .refine(({ scopes }) => scopes.includes('openid'), { path: ['scopes'], message: 'lacks openid' });

export const readerAccess: z.ZodType<ReaderAccessOptions, unknown> = z
  .strictObject({
    trustedProxies: listOf(range, 100).describe('Proxies that log people in and say who asks').prefault([]),
    userHeader: z
      .string()
      .regex(/^[\w-]+$/, 'is not a header field')
      .describe('Header in which they say it')
      .prefault('X-Forwarded-User'),
    oidc: oidc.optional(),
    sessionMs: duration(60_000).describe('How long a login by OpenID Connect lasts').prefault('12h'),
    shareMs: duration(60_000).describe('How long a shared link may be good for').prefault('30d'),
    keysFile: word
      .describe('Keys that sign logins and links, one a line, the first signs; other keys end both')
      .meta({ default: '`insight-keys` in `dataDir`, made when absent' })
      .optional(),
  })
  .refine(({ trustedProxies, oidc }) => trustedProxies.length > 0 || oidc !== undefined, {
    message: 'names nobody who logs people in: give trustedProxies or oidc',
  });
