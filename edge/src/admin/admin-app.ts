import { EDDY_PREFIX } from '@eddy/protocol';
import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import type { EdgeConfig } from '../config/edge-config.js';
import { type RequestKeyOptions, requestKey } from '../http/request-key.js';

export interface AdminComponents {
  readonly registry: Registry;
  readonly isReady: () => boolean;
  /** Forgets every object of the canonical path. */
  readonly purge: (path: string) => Promise<PurgeReport>;
  readonly config: EdgeConfig;
}

/** What a purge hit: objects in the cache, and fills under way, which are not stored. */
export interface PurgeReport {
  readonly objects: number;
  readonly fills: number;
}

/** `/healthz`, `/readyz`, `/metrics`, `/config`, and `POST /purge` of `{"path": "/a/b.m4s"}`. */
export function createAdminApp(components: AdminComponents, options: RequestKeyOptions): Hono {
  const { registry, isReady, purge, config } = components;
  const app = new Hono();
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', (context) =>
    isReady() ? context.json({ status: 'ready' }) : context.json({ status: 'stopping' }, 503),
  );
  app.get('/metrics', async (context) =>
    context.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType }),
  );
  app.get('/config', (context) => context.json(withoutSecrets(config)));
  app.post('/purge', async (context) => {
    // A page in the operator's browser can post forms to this address, but not JSON without being asked about first.
    if (context.req.header('content-type')?.split(';', 1)[0] !== 'application/json') {
      return context.json({ error: 'not-json', message: 'Send Content-Type: application/json.' }, 415);
    }
    const path = purgePath(await context.req.json().catch(() => undefined));
    const key = path === undefined ? { refused: 'bad-target' } : requestKey(path, options);
    if ('refused' in key) {
      return context.json({ error: key.refused, message: 'Send {"path": "/as/requested.m4s"}.' }, 400);
    }
    if (key.path.startsWith(EDDY_PREFIX)) return context.json({ objects: 0, fills: 0 });
    return context.json({ path: key.path, ...(await purge(key.path)) });
  });
  app.all('/purge', (context) => {
    context.header('Allow', 'POST');
    return context.json({ error: 'method-not-allowed', message: 'Purges are posted.' }, 405);
  });
  app.notFound((context) => context.json({ error: 'no-such-endpoint' }, 404));
  return app;
}

function purgePath(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('path' in body)) return undefined;
  return typeof body.path === 'string' ? body.path : undefined;
}

const HIDDEN = '(set)';

function withoutSecrets(config: EdgeConfig): EdgeConfig {
  const { origin, swarm } = config;
  const hide = (value: string | undefined): string | undefined => (value === undefined ? undefined : HIDDEN);
  return {
    ...config,
    origin: {
      ...origin,
      url: origin.url.replace(/\/\/[^/@]*@/, `//${HIDDEN}@`),
      s3: {
        ...origin.s3,
        secretAccessKey: hide(origin.s3.secretAccessKey),
        sessionToken: hide(origin.s3.sessionToken),
      },
    },
    swarm: {
      ...swarm,
      iceServers: swarm.iceServers.map((server) => ({ ...server, credential: hide(server.credential) })),
    },
  };
}
