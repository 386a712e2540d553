import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import type { SwarmControl } from '../compose/swarm.js';
import type { EdgeConfig } from '../config/edge-config.js';
import type { Purge } from '../purge/purge.js';
import type { Sites } from '../sites/sites.js';
import { createPurgeRoute } from './purge-route.js';
import { createSwarmRoute } from './swarm-route.js';

export interface AdminComponents {
  readonly registry: Registry;
  readonly isReady: () => boolean;
  readonly purge: Purge;
  readonly config: EdgeConfig;
  readonly sites: Pick<Sites, 'all'>;
  /** Undefined: this edge has none. */
  readonly swarm: SwarmControl | undefined;
  /** Facts of edges that forward to this one; undefined: none do. */
  readonly insight: Hono | undefined;
}

/** `/healthz`, `/readyz`, `/metrics`, `/config`, `/swarm`, and `POST /purge`. */
export function createAdminApp(components: AdminComponents): Hono {
  const { registry, isReady, purge, config, sites, swarm, insight } = components;
  const app = new Hono();
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', (context) =>
    isReady() ? context.json({ status: 'ready' }) : context.json({ status: 'stopping' }, 503),
  );
  app.get('/metrics', async (context) =>
    context.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType }),
  );
  app.get('/config', (context) => context.json(withoutSecrets(config)));
  app.route('/', createPurgeRoute({ purge, sites: sites.all }));
  app.route('/', createSwarmRoute(swarm));
  if (insight !== undefined) app.route('/', insight);
  app.notFound((context) => context.json({ error: 'no-such-endpoint' }, 404));
  return app;
}

const HIDDEN = '(set)';

function withoutSecrets(config: EdgeConfig): EdgeConfig {
  const { origin, shield, siblings, swarm, insight } = config;
  const hide = (value: string | undefined): string | undefined => (value === undefined ? undefined : HIDDEN);
  const hideIn = (url: string): string => url.replace(/\/\/[^/@]*@/, `//${HIDDEN}@`);
  return {
    ...config,
    shield: { urls: shield.urls.map(hideIn) },
    siblings: { ...siblings, urls: siblings.urls.map(hideIn) },
    origin: {
      ...origin,
      url: hideIn(origin.url),
      urls: origin.urls.map(hideIn),
      s3: {
        ...origin.s3,
        secretAccessKey: hide(origin.s3.secretAccessKey),
        sessionToken: hide(origin.s3.sessionToken),
      },
    },
    insight: {
      ...insight,
      clickhouse: { ...insight.clickhouse, password: hide(insight.clickhouse.password) },
      forward: { ...insight.forward, secret: hide(insight.forward.secret) },
      collect: { ...insight.collect, secret: hide(insight.collect.secret) },
    },
    swarm: {
      ...swarm,
      iceServers: swarm.iceServers.map((server) => ({ ...server, credential: hide(server.credential) })),
      turn: { ...swarm.turn, secret: hide(swarm.turn.secret) },
    },
  };
}
