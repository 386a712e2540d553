import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { Clock } from '../../components.js';
import { InsightError } from '../errors.js';
import type { ReaderAccess } from './access-config.js';
import { localPath } from './login-routes.js';
import { problemOf } from './problem.js';
import { type ReaderEnv, readerOf } from './reader.js';
import { sameSiteOnly } from './same-site.js';
import type { Seal } from './seal.js';
import { type Session, type Share, shareAskedSchema } from './sharing.js';

export interface ShareComponents {
  readonly seal: Seal;
  /** Since the epoch. */
  readonly wallClock: Clock;
}

/** `GET session` and `POST shares`, below `/api/`. Without `access` there is nothing to share: all may read. */
export function shareRoutes(
  components: ShareComponents | undefined,
  access: Pick<ReaderAccess, 'shareMs'> | undefined,
): Hono<ReaderEnv> {
  const routes = new Hono<ReaderEnv>();
  routes.use('*', async (context, next) => {
    context.header('Cache-Control', 'no-store');
    await next();
  });
  routes.get('/session', (context) => {
    const { role, login, user, expiresMs, scope } = readerOf(context);
    const canShare = role === 'reader' && components !== undefined && access !== undefined;
    const session: Session = {
      ...{ role, login, canShare },
      user: user ?? null,
      expiresMs: expiresMs ?? null,
      scope: { stream: scope.stream ?? null, pop: scope.pop ?? null },
      maxShareSeconds: canShare ? Math.floor(access.shareMs / 1000) : null,
    };
    return context.json(session);
  });
  routes.post('/shares', sameSiteOnly, async (context) => {
    if (components === undefined || access === undefined) {
      throw new InsightError(
        'cannot-share',
        'Nobody logs in here (insight.access), so a link would need no token: send the address of the page.',
      );
    }
    return context.json(await share(context, components, access), 201);
  });
  routes.onError((error, context) => problemOf(context, error));
  return routes;
}

async function share(
  context: Context<ReaderEnv>,
  { seal, wallClock }: ShareComponents,
  { shareMs }: Pick<ReaderAccess, 'shareMs'>,
): Promise<Share> {
  const { role, user } = readerOf(context);
  if (role !== 'reader') {
    throw new InsightError(
      'cannot-share',
      'You came by a shared link yourself: ask who sent it for another one.',
    );
  }
  const isJson = context.req.header('Content-Type')?.split(';')[0]?.trim() === 'application/json';
  const body: unknown = isJson ? await context.req.json().catch(() => undefined) : undefined;
  const asked = shareAskedSchema.safeParse(body);
  if (!asked.success) throw new InsightError('bad-query', z.prettifyError(asked.error));
  const { expiresInSeconds, stream, pop, to } = asked.data;
  if (expiresInSeconds * 1000 > shareMs) {
    throw new InsightError('bad-query', `expiresInSeconds is at most ${Math.floor(shareMs / 1000)} here`);
  }
  const expiresMs = Math.floor(wallClock.now() / 1000 + expiresInSeconds) * 1000;
  const scope = { ...(stream === undefined ? {} : { stream }), ...(pop === undefined ? {} : { pop }) };
  const token = await seal.close(
    'share',
    { ...scope, ...(user === undefined ? {} : { sub: user }) },
    expiresMs,
  );
  const path = `/share/${token}?to=${encodeURIComponent(localPath(to))}`;
  return { path, token, expiresMs, scope: { stream: stream ?? null, pop: pop ?? null } };
}
