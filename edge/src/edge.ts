import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { Registry } from 'prom-client';
import { openAccess } from './access/access.js';
import { createAdminApp } from './admin/admin-app.js';
import {
  type Clock,
  systemClock,
  systemTimers,
  wallClock as systemWallClock,
  type Timers,
} from './components.js';
import { composeCache } from './compose/cache.js';
import { insightConfig } from './compose/insight.js';
import { type ComposedSwarm, composeSwarm } from './compose/swarm.js';
import type { EdgeConfig } from './config/edge-config.js';
import { addHotLane, type HotLane } from './hot/hot-lane.js';
import { Delivery } from './http/delivery.js';
import { createFillLane } from './http/fill-lane.js';
import { createHitIndex, createHitPath } from './http/hit-path.js';
import { CarriedGate, createHotHits } from './http/hot-hits.js';
import { isReserved, requestKey } from './http/request-key.js';
import { Responder } from './http/responder.js';
import { SendTurns } from './http/send-turns.js';
import type { Site } from './http/site.js';
import { createInsight } from './insight/insight.js';
import { type BoundAddress, openListener } from './listeners/listener.js';
import { createPublicHandler } from './listeners/public-handler.js';
import { openPublicListeners } from './listeners/public-listeners.js';
import type { PurgedNames } from './purge/purge.js';
import { openSites } from './sites/sites.js';
import { NOWHERE } from './swarm/matching/place.js';
import { openAccessLog } from './telemetry/access-log.js';
import { createLog, type Log } from './telemetry/log.js';
import { registerMetrics } from './telemetry/metrics.js';
import { createHopCheck } from './upstream/eddy-hop.js';
import type { Upstream } from './upstream/upstream.js';
import { registerUpstreamMetrics } from './upstream/upstream-metrics.js';
import { type OpenFronts, openFronts } from './workers/open-fronts.js';

/** What tests and embedders may bring themselves. */
export interface EdgeComponents {
  readonly log?: Log;
  /** Monotonic. */
  readonly clock?: Clock;
  /** Since the epoch. */
  readonly wallClock?: Clock;
  readonly timers?: Timers;
  readonly random?: () => number;
  /** Instead of the one that `origin.url` names; closed with the edge. */
  readonly upstream?: Upstream;
  readonly registry?: Registry;
  /** Descriptors of the public listener, if it is open already: the first for this thread, others for fronts. */
  readonly listeningFds?: readonly number[];
}

export interface RunningEdge {
  readonly public: BoundAddress;
  /** Undefined where the settings have no `tls`. */
  readonly tls: BoundAddress | undefined;
  readonly admin: BoundAddress;
  readonly insight: BoundAddress;
  /** What SIGHUP asks for: looks at keys, certificates, databases and the TURN secret, opens the access log anew. Does not throw. */
  reload(): Promise<void>;
  /**
   * Says not ready, takes no more connections, waits for responses under way up to `deadlineMs` (default:
   * `stopDeadlineMs` of the config) and closes everything. A second call with 0 cuts what is still under way.
   */
  close(deadlineMs?: number): Promise<void>;
}

/**
 * Starts an edge and resolves when all its listeners answer.
 *
 * @throws ConfigError, ListenError or InsightError; nothing is left open then.
 */
export async function startEdge(config: EdgeConfig, components: EdgeComponents = {}): Promise<RunningEdge> {
  const opened: (() => Promise<void>)[] = [];
  try {
    return await compose(config, components, opened);
  } catch (error) {
    for (const close of opened.reverse()) await close();
    throw error;
  }
}

async function compose(
  config: EdgeConfig,
  components: EdgeComponents,
  opened: (() => Promise<void>)[],
): Promise<RunningEdge> {
  const { limits } = config;
  const log = components.log ?? createLog(config.log);
  const clock = components.clock ?? systemClock;
  const wallClock = components.wallClock ?? systemWallClock;
  const timers = components.timers ?? systemTimers;
  const random = components.random ?? Math.random;
  const registry = components.registry ?? new Registry();

  const sites = await openSites(
    {
      ...{ timers, clock, wallClock, random, upstream: components.upstream },
      onBreaker: (member, to) => log.warn({ ...member, to }, 'breaker'),
    },
    config,
  );
  opened.push(() => sites.close());
  const [first, ...others] = sites.all;
  const only = others.length === 0 ? first : undefined;

  const access = await openAccess(
    {
      ...{ timers, clock, wallClock, isReserved },
      pathOf: (target) => requestKey(target, { urlBytes: limits.urlBytes, query: 'none', ignoreQuery: [] }),
      onKeysError: (where, error) => log.error({ where, err: error }, 'token keys cannot be read'),
    },
    config,
    limits,
  );
  opened.push(async () => access.close());
  const accessLog =
    config.accessLog === undefined
      ? undefined
      : await openAccessLog(
          { clock, random, onError: (error) => log.error({ err: error }, 'access log failed') },
          config.accessLog,
        );
  if (accessLog !== undefined) opened.push(() => accessLog.close());

  const [ownFd, ...frontFds] = config.workers > 1 ? (components.listeningFds ?? []) : [];
  const plain = only !== undefined && isPlainSite(config, only) ? only : undefined;
  if (frontFds.length > 0 && plain === undefined) {
    log.warn(
      'tokens, sites, limits by client, PROXY headers and an access log are the first thread’s: the others rest',
    );
  }
  let opening: OpenFronts | undefined;
  let tellPurged: (names: PurgedNames) => void = () => {};
  const stored = await composeCache(
    {
      ...{ sites, log, clock, wallClock, timers, registry },
      sharedFor: frontFds.length > 0 ? plain : undefined,
      synced: async () => opening?.fronts.synced(),
      onPurged: (names) => tellPurged(names),
    },
    config,
  );
  opened.push(() => stored.close());
  const { counters, tally, tier, digests, purge } = stored;

  // What is told to players and heard from them.
  let swarm: ComposedSwarm | undefined;
  const insight = config.insight.enabled
    ? await createInsight(
        {
          ...{ clock, wallClock, timers, registry },
          viewers: {
            bySession: (session) => swarm?.service.find({ session }),
            byPeer: (peer) => swarm?.service.find({ peer }),
          },
          placeOf: (address) => swarm?.placeOf(address) ?? NOWHERE,
          onError: (error) => log.error({ reason: error.code, err: error }, 'insight failed'),
        },
        insightConfig(config),
      )
    : undefined;
  if (insight !== undefined) {
    opened.push(() => insight.close());
    counters.onBody = insight.sent;
  }
  swarm = config.swarm.enabled
    ? await composeSwarm({ access, sites, digests, log, clock, wallClock, timers, random, registry }, config)
    : undefined;
  const service = swarm?.service;
  if (service !== undefined) opened.push(() => service.close());
  tellPurged = (names) => swarm?.service.purged(names);

  // Listeners.
  const responder = new Responder({ counters, log });
  const turns = new SendTurns();
  const delivery = new Delivery(
    {
      ...{ ...stored, responder, wallClock, turns },
      drop: (key) => {
        tier.delete(key);
        stored.backing.delete(key);
      },
      invalidate: ({ prefix }, { paths }) => void purge.paths(paths.map((path) => prefix + path)),
    },
    { edgeName: config.name, isSibling: createHopCheck(config.siblings) },
  );
  const gate = new CarriedGate(access.gate);
  const handle = createPublicHandler({
    hitPath: createHitPath({
      ...{ tier, counters, wallClock, onHit: stored.onRequest, backing: stored.backing },
      cut: (response) => responder.cut(response),
    }),
    ...{ delivery, responder, sites, accessLog },
    access: { gate: gate.pass, addressOf: access.addressOf },
    eddyRoutes: insight?.publicRoutes,
    onBeacons: insight?.onBeacons,
  });
  const answerHot = createHotHits({
    ...{ gate, open: plain, siteOf: sites.byName, counters, accessLog, onAnswer: stored.onRequest },
    hits: createHitIndex({ tier, wallClock }, limits),
    fills: createFillLane({ ...stored, turns }, limits),
  });
  const lanes: HotLane[] = [];
  // Whose request it is they say, if a proxy that is believed passes it on.
  const decidingFields = access.trusted.empty ? [] : ['forwarded', 'x-forwarded-for'];
  const between = (socket: Socket): void => opening?.fronts.between(socket);
  let ready = false;
  const adminApp = createAdminApp({
    registry,
    isReady: () => ready,
    purge,
    config,
    sites,
    swarm: swarm?.control,
    insight: insight?.adminRoutes,
  });
  const publicListeners = await openPublicListeners(
    {
      ...{ handle, timers, clock, trusted: access.trusted },
      onRefused: (reason) => counters.refuse(reason),
      onServer: (server) => {
        const components = { answer: answerHot, onBetween: between };
        lanes.push(addHotLane(server, components, { ...limits, decidingFields }));
      },
      onCertificateError: (error) => log.error({ err: error }, 'certificates cannot be read'),
    },
    { ...config, address: config.listeners.public, fd: ownFd },
  );
  opened.push(() => publicListeners.stop(0));
  for (const server of publicListeners.servers) swarm?.service.attach(server);
  if (stored.sharedTier !== undefined && plain !== undefined) {
    opening = await openFronts(
      {
        ...{ server: publicListeners.plain.server, tier: stored.sharedTier, timers },
        onTouched: (key) => stored.onRequest(plain, key.slice(plain.prefix.length)),
        onSent: (session, bytes) => insight?.sentTo(session, bytes),
        onCrash: (error, restarted) => log.error({ err: error, restarted }, 'front failed'),
      },
      {
        fds: frontFds,
        count: config.workers - 1,
        maxConnections: limits.connections,
        lane: limits,
        site: { prefix: plain.prefix, key: plain.key },
      },
    );
  }
  const fronts = opening;
  if (fronts !== undefined) opened.push(() => fronts.fronts.terminate());
  const adminListener = await openListener(
    { handle: serve(adminApp), timers },
    { name: 'admin', address: config.listeners.admin, limits },
  );
  opened.push(() => adminListener.stop(0));
  const insightListener = await openListener(
    { handle: serve(insight?.app ?? noInsight()), timers },
    { name: 'insight', address: config.listeners.insight, limits },
  );
  opened.push(() => insightListener.stop(0));
  registerMetrics({
    ...{ registry, tally },
    counters: fronts?.counted(counters) ?? counters,
    cache: () => tier.stats,
    fills: () => stored.table.size,
    fillBytes: () => stored.memory.heldBytes,
    dropped: () => publicListeners.dropped + (fronts?.fronts.counters.sum('dropped') ?? 0),
    connections: async () => fronts?.fronts.counters.sum('open') ?? publicListeners.connections(),
  });
  registerUpstreamMetrics(registry, () => sites.health());
  ready = true;

  const stop = async (deadlineMs: number): Promise<void> => {
    ready = false;
    // Their sockets are responses that never end.
    const swarmClosed = swarm?.service.close();
    for (const lane of lanes) lane.close();
    await Promise.all([publicListeners.stop(deadlineMs), fronts?.stop(deadlineMs)]);
    access.close();
    await accessLog?.close();
    await swarmClosed;
    await insight?.close();
    await sites.close();
    await stored.close();
    // Last, so that health and metrics tell of the stop until it is done.
    await Promise.all([adminListener.stop(deadlineMs), insightListener.stop(deadlineMs)]);
  };
  let stopped: Promise<void> | undefined;
  return {
    public: publicListeners.plain.bound,
    tls: publicListeners.tls?.bound,
    admin: adminListener.bound,
    insight: insightListener.bound,
    async reload() {
      accessLog?.reopen();
      await Promise.all([access.reload(), publicListeners.reload(), swarm?.reload()]);
    },
    async close(deadlineMs = config.stopDeadlineMs) {
      if (deadlineMs <= 0) {
        void fronts?.fronts.terminate();
        for (const listener of [publicListeners, adminListener, insightListener]) void listener.stop(0);
      }
      stopped ??= stop(deadlineMs);
      await stopped;
    },
  };
}

function serve(app: Hono): RequestListener {
  const listener = getRequestListener((request) => app.fetch(request), {
    hostname: 'localhost',
    overrideGlobalObjects: false,
  });
  return (request, response) => void listener(request, response);
}

/**
 * Whether hits need no look at who asks: neither tokens, rates nor PROXY headers, nobody is written down, and pages of
 * all origins get the same answer. Then other threads answer them too.
 */
function isPlainSite({ access, sites, limits, proxies, accessLog }: EdgeConfig, { cors }: Site): boolean {
  const counts =
    limits.requestsPerSecond > 0 || limits.sessionRequestsPerSecond > 0 || limits.connectionsPerAddress > 0;
  const looks =
    access !== undefined || sites.length > 0 || proxies.protocol !== 'off' || accessLog !== undefined;
  return !counts && !looks && cors.sameForAll;
}

/** The listener stays, so that whoever looks learns why there is nothing to see. */
function noInsight(): Hono {
  const app = new Hono();
  app.all('*', (context) => context.text('Insight is switched off on this edge (insight.enabled).\n', 404));
  return app;
}
