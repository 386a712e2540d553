import type { IncomingMessage } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';
import { AddressRanges } from '../../access/address.js';
import { InsightError } from '../errors.js';
import type { ReaderAccess } from './access-config.js';
import { readCookie } from './cookies.js';
import { pageOf, problemOf } from './problem.js';
import type { Reader, ReaderEnv, Scope } from './reader.js';
import type { Seal, Sealed } from './seal.js';

export interface GateComponents {
  readonly seal: Seal;
}

const MAX_USER = 256;

/** Lets those pass who may read, and says to what is behind who asks. */
export function readersOnly({ seal }: GateComponents, access: ReaderAccess): MiddlewareHandler<ReaderEnv> {
  const find = createFindReader({ seal }, access);
  return async (context, next) => {
    const reader = await find(context);
    if (reader !== undefined) {
      context.set('reader', reader);
      return next();
    }
    const canLogIn = access.oidc !== undefined;
    const isPage = !context.req.path.startsWith('/api/');
    if (isPage && canLogIn) {
      const { pathname, search } = new URL(context.req.url);
      return context.redirect(`/auth/login?to=${encodeURIComponent(pathname + search)}`);
    }
    const how = canLogIn
      ? 'open /auth/login in a browser, or send the token of a shared link as "Authorization: Bearer"'
      : 'come through the proxy that logs you in (insight.access.trustedProxies), or by a shared link';
    const needed = new InsightError('login-needed', `You are not logged in: ${how}.`);
    return isPage ? pageOf(context, needed) : problemOf(context, needed);
  };
}

export function createFindReader(
  { seal }: GateComponents,
  { trustedProxies, userHeader }: ReaderAccess,
): (context: Context) => Promise<Reader | undefined> {
  const trusted = new AddressRanges(trustedProxies);
  return async (context) => {
    const user = trusted.includes(peerOf(context)) ? userOf(context.req.header(userHeader)) : undefined;
    if (user !== undefined) return { role: 'reader', login: 'proxy', user, scope: {} };
    const session = await seal.open('session', readCookie(context, 'session') ?? '');
    if (session !== undefined) return { role: 'reader', login: 'oidc', ...told(session), scope: {} };
    const bearer = /^Bearer (\S+)$/i.exec(context.req.header('Authorization') ?? '')?.[1];
    const share = await seal.open('share', bearer ?? readCookie(context, 'share') ?? '');
    return share === undefined ? undefined : guestOf(share);
  };
}

export function guestOf(share: Sealed): Reader {
  return { role: 'guest', login: 'share', ...told(share), scope: scopeOf(share.claims) };
}

/** A proxy that adds to what the browser sent, instead of replacing it, is not believed. */
function userOf(field: string | undefined): string | undefined {
  const user = field?.trim() ?? '';
  return user === '' || user.length > MAX_USER || user.includes(',') ? undefined : user;
}

function told({ claims, expiresMs }: Sealed): { readonly user?: string; readonly expiresMs: number } {
  return typeof claims.sub === 'string' ? { user: claims.sub, expiresMs } : { expiresMs };
}

function scopeOf({ stream, pop }: Sealed['claims']): Scope {
  return {
    ...(typeof stream === 'string' ? { stream } : {}),
    ...(typeof pop === 'string' ? { pop } : {}),
  };
}

/** The other end of the connection. */
export function peerOf({ env }: Context): string | undefined {
  const { incoming } = (env ?? {}) as { readonly incoming?: IncomingMessage };
  return incoming?.socket.remoteAddress;
}
