import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { Clock } from '../../components.js';
import { InsightError } from '../errors.js';
import type { ReaderAccess } from './access-config.js';
import { dropCookie, readCookie, writeCookie } from './cookies.js';
import { messagePage } from './message-page.js';
import type { Journey, OidcLogin } from './oidc-login.js';
import { pageOf } from './problem.js';
import { sameSiteOnly } from './same-site.js';
import type { Seal } from './seal.js';

export interface LoginComponents {
  readonly seal: Seal;
  /** Undefined: nobody logs in here. */
  readonly oidc: OidcLogin | undefined;
  /** Since the epoch. */
  readonly wallClock: Clock;
}

/** Time to log in at the provider. */
const JOURNEY_MS = 10 * 60_000;

const journeySchema: z.ZodType<Journey & { readonly to: string }, unknown> = z.object({
  ...{ state: z.string(), nonce: z.string(), verifier: z.string(), to: z.string() },
});

/** `/auth/login`, `/auth/callback`, `/auth/logout`, and `/share/TOKEN`, which shared links lead to. */
export function loginRoutes({ seal, oidc, wallClock }: LoginComponents, access: ReaderAccess): Hono {
  const secure = access.oidc?.publicUrl.startsWith('https:') ?? false;
  const isSecure = (context: Context): boolean =>
    secure || context.req.header('X-Forwarded-Proto')?.trim() === 'https';
  const keep = async (
    context: Context,
    kind: 'login' | 'session',
    claims: Readonly<Record<string, unknown>>,
    lifetimeMs: number,
  ): Promise<void> => {
    const sealed = await seal.close(kind, claims, wallClock.now() + lifetimeMs);
    writeCookie(context, kind, sealed, { secure: isSecure(context), lifetimeMs });
  };
  const routes = new Hono();
  for (const path of ['/auth/*', '/share/*']) {
    routes.use(path, async (context, next) => {
      context.header('Cache-Control', 'no-store');
      await next();
    });
  }
  if (oidc !== undefined) {
    routes.get('/auth/login', async (context) => {
      const { url, journey } = await oidc.begin();
      await keep(context, 'login', { ...journey, to: localPath(context.req.query('to')) }, JOURNEY_MS);
      return context.redirect(url.href);
    });
    routes.get('/auth/callback', async (context) => {
      const sealed = await seal.open('login', readCookie(context, 'login') ?? '');
      const journey = journeySchema.safeParse(sealed?.claims);
      if (!journey.success) {
        throw new InsightError(
          'login-failed',
          'You are not logged in: it took too long, or your browser keeps no cookies. Try again at /auth/login.',
        );
      }
      const user = await oidc.finish(new URL(context.req.url).search, journey.data);
      dropCookie(context, 'login');
      await keep(context, 'session', { sub: user }, access.sessionMs);
      return context.redirect(journey.data.to, 303);
    });
  }
  routes.post('/auth/logout', sameSiteOnly, (context) => {
    for (const kind of ['session', 'share'] as const) dropCookie(context, kind);
    return context.body(null, 204);
  });
  // The token leaves the address at once, so that it is not passed on with it.
  routes.get('/share/:token', async (context) => {
    const token = context.req.param('token');
    const share = await seal.open('share', token);
    if (share === undefined) {
      return messagePage(context, 'This link has ended, or was taken back: ask for another one.', 410);
    }
    const lifetimeMs = share.expiresMs - wallClock.now();
    writeCookie(context, 'share', token, { secure: isSecure(context), lifetimeMs });
    return context.redirect(localPath(context.req.query('to')), 303);
  });
  routes.onError((error, context) => pageOf(context, error));
  return routes;
}

/** A path of ours: nobody is sent on to another site. */
export function localPath(to: string | undefined): string {
  const here = 'http://here.invalid';
  if (to?.startsWith('/') !== true || !URL.canParse(to, here)) return '/';
  const { origin, pathname, search, hash } = new URL(to, here);
  // What begins with two slashes names a host.
  return origin === here && !pathname.startsWith('//') ? pathname + search + hash : '/';
}
