import { randomUUID } from 'node:crypto';
import type { Arm } from '@eddy/protocol';
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Registry } from 'prom-client';
import type { Clock, Timers } from '../components.js';
import { NOWHERE, type Place } from '../swarm/matching/place.js';
import type { InsightConfig } from './config.js';
import { InsightError } from './errors.js';
import { collectRoutes } from './forward/collect-routes.js';
import { Forwarder } from './forward/forwarder.js';
import { type BeaconLane, createBeaconLane } from './intake/beacon-lane.js';
import { type BeaconListener, beaconRoutes, postListener } from './intake/beacon-routes.js';
import type { FactSink } from './intake/fact-sink.js';
import { gather } from './intake/gather.js';
import { createReceive, type Receive } from './intake/receive.js';
import { createInsightMetrics, type InsightMetrics } from './metrics.js';
import { openCollection } from './open-collection.js';
import { pageRoutes } from './page/page-routes.js';
import { createPlayerMetrics } from './player-metrics.js';
import { MESSAGE_STYLE } from './readers/message-page.js';
import { openReaders } from './readers/open-readers.js';
import { type Door, Judge } from './sessions/judge.js';
import { SentBytes } from './sessions/sent-bytes.js';
import { NO_VIEWERS, type Viewers } from './sessions/viewers.js';
import { EdgeReporter, type EdgeTotals } from './traffic/edge-reporter.js';

export interface InsightComponents {
  /** Monotonic. */
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly wallClock: Clock;
  readonly timers: Timers;
  readonly registry: Registry;
  /** Who is in the swarm. Default: nobody is known. */
  readonly viewers?: Viewers;
  /** Where an address is. Default: nothing is known. */
  readonly placeOf?: (address: string | undefined) => Place;
  /** Draws the arm of a viewer who joined no room. Default: there is no experiment, so all are treated. */
  readonly armOf?: (viewer: string, door: Door) => Arm;
  /** What this edge has counted of media. Default: that is not kept. */
  readonly totals?: () => EdgeTotals;
  /** Told when beacons cannot be stored. */
  readonly onError?: (error: InsightError) => void;
}

export interface Insight {
  /** For the public listener: what is not a POST of beacons. */
  readonly publicRoutes: Hono;
  /** For the public listener: a POST of beacons. */
  readonly onBeacons: BeaconListener;
  /** The same before `node:http`. */
  readonly onHotPost: BeaconLane;
  /** The same by itself. */
  readonly receive: Receive;
  /** For the admin listener: facts of edges that forward to this one. */
  readonly adminRoutes: Hono | undefined;
  /** For the insight listener: dashboard, `/api/…`, `/healthz`. Reads only. */
  readonly app: Hono;
  /** The edge sent `bytes` of media for a request target. */
  sent(target: string, bytes: number): void;
  /** The same, where the session is known. */
  sentTo(session: string, bytes: number): void;
  /** Looks at the keys of readers again. Does not throw. */
  reload(): Promise<void>;
  /** Commits what was accepted, then closes the store. */
  close(): Promise<void>;
}

const AGE_EVERY_MS = 5 * 60_000;

/** What keeps facts: a store here, or another edge. */
interface Kept {
  readonly sink: FactSink;
  readonly app: Hono;
  /** Looks at files again. */
  reload?(): Promise<void>;
  close(): Promise<void>;
}

/** @throws InsightError `store-…` when the database cannot be opened, `bad-prices` or `bad-keys` when those files cannot be used. */
export async function createInsight(
  components: InsightComponents,
  config: InsightConfig,
  keepAlive: { readonly keepAliveMs: number } = { keepAliveMs: 0 },
): Promise<Insight> {
  const { clock, timers, registry, viewers = NO_VIEWERS, placeOf = () => NOWHERE } = components;
  const { limits, pop } = config;
  const report = (error: unknown): void => {
    if (!(error instanceof InsightError)) throw error;
    components.onError?.(error);
  };
  const sent = new SentBytes({ maxSessions: limits.sessions });
  const metrics = createInsightMetrics(registry, {
    queued: () => kept?.sink.queued ?? 0,
    unreportedBytes: () => sent.unreportedBytes,
  });
  let kept: Kept | undefined;
  kept = await keep({ ...components, report, metrics, sent }, config);
  const { sink, app, close } = kept;
  const judge = new Judge(
    { sent, viewers, clock, armOf: components.armOf ?? (() => 'treated') },
    { pop, maxSessions: limits.sessions },
  );
  const gathering = gather(
    createReceive({
      ...{ judge, sink, placeOf, count: metrics.beacon, onStoreError: report },
      onStored: createPlayerMetrics(registry),
    }),
    { timers },
    { everyMs: limits.gatherMs, most: limits.gathered },
  );
  const { receive } = gathering;

  const { totals } = components;
  const reporter =
    totals === undefined
      ? undefined
      : new EdgeReporter(
          { ...components, totals, add: (counted) => sink.acceptEdge(counted), onError: report },
          { edge: config.edge, pop, run: randomUUID() },
        );

  let cancelAge = timers.after(AGE_EVERY_MS, age);
  function age(): void {
    sent.age();
    cancelAge = timers.after(AGE_EVERY_MS, age);
  }

  let closed: Promise<void> | undefined;
  return {
    publicRoutes: beaconRoutes(),
    onBeacons: postListener(receive, { onTooLarge: () => metrics.beacon('too-large'), onError: report }),
    onHotPost: createBeaconLane({ receive, wallClock: components.wallClock, onError: report }, keepAlive),
    receive,
    adminRoutes: config.collectSecret === undefined ? undefined : collectRoutes(sink, config.collectSecret),
    app: insightApp(app),
    sent: (target, bytes) => sent.count(target, bytes),
    sentTo: (session, bytes) => sent.add(session, bytes),
    reload: async () => kept?.reload?.().catch(report),
    close() {
      cancelAge();
      gathering.close();
      closed ??= (reporter?.close() ?? Promise.resolve()).then(close);
      return closed;
    },
  };
}

async function keep(
  components: InsightComponents & {
    readonly report: (error: unknown) => void;
    readonly metrics: InsightMetrics;
    readonly sent: SentBytes;
  },
  config: InsightConfig,
): Promise<Kept> {
  const { forward, limits } = config;
  if (forward === undefined) {
    const page = await pageRoutes(config.dashboardDir);
    const { metrics, sent } = components;
    const more = { onCommit: metrics.committed, unreportedBytes: () => sent.unreportedBytes };
    const readers = await openReaders(components, config.access);
    const { intake, api, close } = await openCollection({ ...components, ...more }, config);
    const app = new Hono().route('/', readers.routes).route('/api', api).route('/', page);
    return { sink: intake, app, reload: readers.reload, close };
  }
  const sink = new Forwarder(components, {
    ...forward,
    queuedBatches: limits.queuedBatches,
    everyMs: limits.commitEveryMs,
  });
  const app = new Hono().all('*', (context) =>
    context.text(`This edge keeps no figures: ${forward.to} collects them.\n`, 404),
  );
  return { sink, app, close: () => sink.close() };
}

/** What is posted changes nothing here: it makes a link, or forgets who asks. */
const POSTED: ReadonlySet<string> = new Set(['/api/shares', '/auth/logout']);

function insightApp(pages: Hono): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", MESSAGE_STYLE],
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
    const { method, path } = context.req;
    if (method === 'GET' || method === 'HEAD' || (method === 'POST' && POSTED.has(path))) return next();
    context.header('Allow', 'GET, HEAD');
    return context.text('Insight is read only.\n', 405);
  });
  app.get('/healthz', (context) => context.text('ok\n'));
  app.route('/', pages);
  return app;
}
