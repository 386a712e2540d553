import { Hono } from 'hono';
import type { Registry } from 'prom-client';
import type { SwarmControl } from '../compose/swarm.js';
import type { EdgeConfig } from '../config/edge-config.js';
import type { Purge } from '../purge/purge.js';
import type { PurgeSpread } from '../purge/spread.js';
import type { Sites } from '../sites/sites.js';
import { createClusterPurgeRoute } from './cluster-purge-route.js';
import { createDrainRoute, type DrainRouteComponents } from './drain-route.js';
import { createPurgeRoute } from './purge-route.js';
import { createSwarmRoute } from './swarm-route.js';

export interface AdminComponents {
  readonly registry: Registry;
  /** Of this build. */
  readonly version: string;
  readonly isReady: () => boolean;
  readonly draining: DrainRouteComponents;
  readonly purge: Purge;
  readonly purges: PurgeSpread;
  readonly config: EdgeConfig;
  readonly sites: Pick<Sites, 'all'>;
  /** Undefined: this edge has none. */
  readonly swarm: SwarmControl | undefined;
  /** Facts of edges that forward to this one; undefined: none do. */
  readonly insight: Hono | undefined;
}

/** `/healthz`, `/readyz`, `/metrics`, `/config`, `/swarm`, `/drain`, and `POST /purge`. */
export function createAdminApp(components: AdminComponents): Hono {
  const { registry, version, isReady, draining, purge, purges, config, sites, swarm, insight } = components;
  const app = new Hono();
  app.get('/healthz', (context) => context.json({ status: 'ok', version }));
  app.get('/readyz', (context) => {
    if (!isReady()) return context.json({ status: 'stopping' }, 503);
    if (draining.drain.order !== undefined) return context.json({ status: 'draining' }, 503);
    return context.json({ status: 'ready' });
  });
  app.get('/metrics', async (context) =>
    context.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType }),
  );
  app.get('/config', (context) => context.json(withoutSecrets(config)));
  app.route('/', createPurgeRoute({ purges, sites: sites.all }));
  const { secret } = config.cluster;
  if (secret !== undefined) app.route('/', createClusterPurgeRoute(purge, secret));
  app.route('/', createSwarmRoute(swarm));
  app.route('/', createDrainRoute(draining));
  if (insight !== undefined) app.route('/', insight);
  app.notFound((context) => context.json({ error: 'no-such-endpoint' }, 404));
  return app;
}

const HIDDEN = '(set)';

function withoutSecrets(config: EdgeConfig): EdgeConfig {
  const { origin, shield, siblings, swarm, insight, cluster } = config;
  const hide = (value: string | undefined): string | undefined => (value === undefined ? undefined : HIDDEN);
  const hideIn = (url: string): string => url.replace(/\/\/[^/@]*@/, `//${HIDDEN}@`);
  return {
    ...config,
    shield: { urls: shield.urls.map(hideIn) },
    siblings: { ...siblings, urls: siblings.urls.map(hideIn) },
    cluster: {
      ...cluster,
      secret: hide(cluster.secret),
      bus: { ...cluster.bus, password: hide(cluster.bus.password), token: hide(cluster.bus.token) },
    },
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
      access: insight.access && {
        ...insight.access,
        oidc: insight.access.oidc && {
          ...insight.access.oidc,
          clientSecret: hide(insight.access.oidc.clientSecret),
        },
      },
    },
    swarm: {
      ...swarm,
      iceServers: swarm.iceServers.map((server) => ({ ...server, credential: hide(server.credential) })),
      turn: { ...swarm.turn, secret: hide(swarm.turn.secret) },
    },
  };
}
