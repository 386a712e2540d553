import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Registry } from 'prom-client';
import type { Clock, Timers } from '../components.js';
import type { InsightConfig } from './config.js';
import { InsightError } from './errors.js';
import { beaconRoutes } from './intake/beacon-routes.js';
import { Intake } from './intake/intake.js';
import { LiveWindow } from './live/live-window.js';
import { createInsightMetrics } from './metrics.js';
import { pageRoutes } from './page/page-routes.js';
import { Queries } from './queries/queries.js';
import { queryRoutes } from './queries/query-routes.js';
import { openDuckDbStore } from './store/duckdb-store.js';

export interface InsightComponents {
  /** Monotonic. */
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly wallClock: Clock;
  readonly timers: Timers;
  readonly registry: Registry;
  /** Told when beacons cannot be stored. */
  readonly onError?: (error: InsightError) => void;
}

export interface Insight {
  /** For the public listener: the intake of beacons, and nothing else. */
  readonly publicRoutes: Hono;
  /** For the insight listener: dashboard, `/api/…`, `/healthz`. Reads only. */
  readonly app: Hono;
  /** Commits what was accepted, then closes the store. */
  close(): Promise<void>;
}

const PRUNE_EVERY_MS = 15 * 60_000;

/** @throws InsightError `store-…` when the database cannot be opened. */
export async function createInsight(components: InsightComponents, config: InsightConfig): Promise<Insight> {
  const { wallClock, timers } = components;
  const page = await pageRoutes(config.dashboardDir);
  const store = await openDuckDbStore(config.databaseFile);
  const live = new LiveWindow({ maxSessions: config.limits.sessions });
  const metrics = createInsightMetrics(components.registry, () => intake.queued);
  const intake = new Intake({ ...components, store, live, onCommit: metrics.committed }, config.limits);
  const report = (error: unknown): void => {
    if (!(error instanceof InsightError)) throw error;
    components.onError?.(error);
  };
  try {
    await intake.remember();
  } catch (error) {
    await store.close();
    throw error;
  }

  let pruning = Promise.resolve();
  let cancelPrune = timers.after(PRUNE_EVERY_MS, prune);
  function prune(): void {
    pruning = intake.prune().catch(report);
    cancelPrune = timers.after(PRUNE_EVERY_MS, prune);
  }

  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    cancelPrune();
    await intake.close();
    await pruning;
    await store.close();
  }

  return {
    publicRoutes: beaconRoutes({ intake, count: metrics.beacon, onStoreError: report }),
    app: insightApp(page, new Queries({ store, live, wallClock })),
    close() {
      closed ??= close();
      return closed;
    },
  };
}

function insightApp(page: Hono, queries: Queries): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
      referrerPolicy: 'no-referrer',
      // Whether the site is on TLS is for whoever terminates it to say.
      strictTransportSecurity: false,
    }),
  );
  app.use(async (context, next) => {
    if (context.req.method === 'GET' || context.req.method === 'HEAD') return next();
    context.header('Allow', 'GET, HEAD');
    return context.text('Insight is read only.\n', 405);
  });
  app.get('/healthz', (context) => context.text('ok\n'));
  app.route('/api', queryRoutes(queries));
  app.route('/', page);
  return app;
}
