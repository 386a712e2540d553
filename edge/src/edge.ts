import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { PING_PATH } from '@eddy/protocol';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { Registry } from 'prom-client';
import { openAccess } from './access/access.js';
import { createAdminApp } from './admin/admin-app.js';
import type { Bus } from './bus/bus.js';
import {
  type Clock,
  systemClock,
  systemTimers,
  wallClock as systemWallClock,
  type Timers,
} from './components.js';
import { composeCache } from './compose/cache.js';
import { composeCluster } from './compose/cluster.js';
import { edgeTotals, insightConfig, noInsight } from './compose/insight.js';
import { isPlainSite } from './compose/plain-site.js';
import { composePurges } from './compose/purges.js';
import { composeSteering } from './compose/steering.js';
import { type ComposedSwarm, composeSwarm } from './compose/swarm.js';
import type { EdgeConfig } from './config/edge-config.js';
import { configWarnings } from './config/warnings.js';
import { Drain, type DrainOrder } from './drain/drain.js';
import { addHotLane, type HotLane } from './hot/hot-lane.js';
import { Delivery } from './http/delivery.js';
import { createFillLane } from './http/fill-lane.js';
import { createHitIndex, createHitPath } from './http/hit-path.js';
import { CarriedGate, createHotHits } from './http/hot-hits.js';
import { isReserved, requestKey } from './http/request-key.js';
import { Responder } from './http/responder.js';
import { SendTurns } from './http/send-turns.js';
import { createInsight } from './insight/insight.js';
import { type BoundAddress, openListener } from './listeners/listener.js';
import { createPublicHandler } from './listeners/public-handler.js';
import { openPublicListeners } from './listeners/public-listeners.js';
import type { PurgedNames } from './purge/purge.js';
import { openSites } from './sites/sites.js';
import { ownPathway } from './steering/pathways.js';
import { withSteering } from './steering/with-steering.js';
import { NOWHERE } from './swarm/matching/place.js';
import { openAccessLog } from './telemetry/access-log.js';
import { readBuildInfo, registerBuildInfo } from './telemetry/build-info.js';
import { RESULTS } from './telemetry/edge-counters.js';
import { createLog, type Log } from './telemetry/log.js';
import { registerMetrics } from './telemetry/metrics.js';
import { createReloadMetrics, registerCertificateMetrics } from './telemetry/reload-metrics.js';
import { openTracing } from './tracing/open-tracing.js';
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
  /** Instead of the one that `cluster.bus` names; closed with the edge. */
  readonly bus?: Bus;
  /** Descriptors of the public listener, if it is open already: the first for this thread, others for fronts. */
  readonly listeningFds?: readonly number[];
}

export interface RunningEdge {
  readonly public: BoundAddress;
  /** Undefined where the settings have no `tls`. */
  readonly tls: BoundAddress | undefined;
  readonly admin: BoundAddress;
  readonly insight: BoundAddress;
  /** What SIGHUP asks for: looks at keys (of readers too), certificates, databases and the TURN secret, opens the access log anew. Does not throw. */
  reload(): Promise<void>;
  /** Says everywhere that others should be asked from now on, and answers on. False: it had said so already. */
  drain(order: DrainOrder): boolean;
  /** Takes that back. False: there was nothing to take back. */
  resume(): boolean;
  /**
   * Drains for `drainMs` of the config (unless `deadlineMs` is 0), says not ready, takes no more connections, waits for responses under way up to `deadlineMs` (default:
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
  const reloads = createReloadMetrics(registry);
  const tracing = await openTracing(process.env, config.name);
  if (tracing !== undefined) opened.push(() => tracing.close());

  const cluster = await composeCluster(
    { log, clock, wallClock, timers, random, registry, bus: components.bus },
    config,
  );
  opened.push(() => cluster.close());
  const steers = config.steering.enabled ? ownPathway(config.steering.pops, config.cluster) : undefined;
  const sites = await openSites(
    {
      ...{ timers, clock, wallClock, random, upstream: components.upstream },
      found: cluster.neighbours,
      between: steers && ((upstream) => withSteering(upstream, steers.id)),
      onBreaker: (member, to) => log.warn({ ...member, to }, 'breaker'),
    },
    config,
  );
  opened.push(() => sites.close());
  const [first, ...others] = sites.all;
  const only = others.length === 0 ? first : undefined;

  const isSibling = createHopCheck(config.siblings, (instance) => cluster.members.isHere(instance));
  const access = await openAccess(
    {
      ...{ timers, clock, wallClock, isReserved, isSibling },
      isOpen: (path) => path === PING_PATH,
      pathOf: (target) => requestKey(target, { urlBytes: limits.urlBytes, query: 'none', ignoreQuery: [] }),
      onKeysError: (where, error) => {
        reloads.failed('token-keys');
        log.error({ where, err: error }, 'token keys cannot be read');
      },
    },
    config,
    limits,
  );
  opened.push(async () => access.close());
  const accessLog =
    config.accessLog === undefined
      ? undefined
      : await openAccessLog(
          {
            ...{ clock, timers, random },
            onError: (error) => {
              reloads.failed('access-log');
              log.error({ err: error }, 'access log failed');
            },
          },
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
  const purges = composePurges({ cluster, purge, log, timers, registry }, config);
  opened.push(() => purges.close());

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
          armOf: (viewer, door) => swarm?.armOf(viewer, door) ?? 'treated',
          totals: () => edgeTotals(opening?.counted(counters) ?? counters, tally, swarm?.service.stats()),
          onError: (error) => log.error({ reason: error.code, err: error }, 'insight failed'),
        },
        insightConfig(config),
        limits,
      )
    : undefined;
  if (insight !== undefined) {
    opened.push(() => insight.close());
    counters.onBody = insight.sent;
  }
  swarm = config.swarm.enabled
    ? await composeSwarm(
        { access, sites, digests, log, clock, wallClock, timers, random, registry, reloads, cluster },
        config,
      )
    : undefined;
  const service = swarm?.service;
  if (service !== undefined) opened.push(() => service.close());
  tellPurged = (names) => swarm?.service.purged(names);
  const steering = composeSteering(
    {
      ...{ log, clock, timers, random, registry, members: cluster.members, trusted: access.trusted },
      placeOf: (address) => swarm?.placeOf(address) ?? NOWHERE,
    },
    config.steering,
  );
  opened.push(async () => steering.close());

  for (const warning of configWarnings(config)) log.warn(warning);

  // Listeners.
  const responder = new Responder({ counters, log });
  const turns = new SendTurns();
  const delivery = new Delivery(
    {
      ...{ ...stored, responder, wallClock, turns },
      tracing,
      drop: (key) => {
        tier.delete(key);
        stored.backing.delete(key);
      },
      invalidate: ({ prefix }, { paths }) => void purge.paths(paths.map((path) => prefix + path)),
    },
    { edgeName: config.name, isSibling, trusted: access.trusted },
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
    ownAnswers: steering.answers,
  });
  const answerHot = createHotHits({
    ...{ gate, open: plain, siteOf: sites.byName, counters, accessLog, onAnswer: stored.onRequest },
    hits: createHitIndex({ tier, wallClock }, limits),
    fills: createFillLane({ ...stored, turns }, limits),
    posts: insight?.onHotPost,
  });
  const lanes: HotLane[] = [];
  // Whose request it is they say: a sibling's, or if a proxy that is believed passes it on.
  const decidingFields = [
    ...(plain === undefined ? ['eddy-hop'] : []),
    ...(access.trusted.empty ? [] : ['forwarded', 'x-forwarded-for']),
  ];
  const between = (socket: Socket): void => opening?.fronts.between(socket);
  let ready = false;
  const build = readBuildInfo();
  registerBuildInfo(registry, build);
  const drain = new Drain({ clock, timers });
  const adminApp = createAdminApp({
    registry,
    version: build.version,
    isReady: () => ready,
    draining: {
      drain,
      settled: async () => opening?.fronts.synced(),
      connections: () => openConnections(),
      viewers: () => service?.stats().viewers ?? 0,
    },
    ...{ purge, purges },
    config,
    sites,
    swarm: swarm?.control,
    insight: insight?.adminRoutes,
  });
  await purges.caughtUp();
  const publicListeners = await openPublicListeners(
    {
      ...{ handle, timers, clock, trusted: access.trusted },
      onRefused: (reason) => counters.refuse(reason),
      onServer: (server) => {
        const components = { answer: answerHot, onBetween: between };
        lanes.push(addHotLane(server, components, { ...limits, decidingFields }));
      },
      onCertificateError: (error) => {
        reloads.failed('certificates');
        log.error({ err: error }, 'certificates cannot be read');
      },
    },
    { ...config, address: config.listeners.public, fd: ownFd },
  );
  opened.push(() => publicListeners.stop(0));
  drain.listen({
    onChange: (order) => {
      const draining = order !== undefined;
      cluster.members.update({ state: draining ? 'draining' : 'ready' });
      for (const lane of lanes) lane.rest(draining);
      opening?.fronts.rest(draining);
      publicListeners.drain(draining);
      if (order === undefined) service?.resume();
      else
        service?.drain({
          withinMs: order.deadlineMs,
          to: order.to.length > 0 ? order.to : steering.elsewhere(),
        });
    },
    onDeadline: () => publicListeners.closeIdle(),
  });
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
  const openConnections = async (): Promise<number> =>
    fronts?.fronts.counters.sum('open') ?? publicListeners.connections();
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
  const counted = fronts?.counted(counters) ?? counters;
  cluster.watch({
    sentBytes: () => RESULTS.reduce((sum, result) => sum + counted.responseBytes[result], 0),
    viewers: () => service?.stats().viewers ?? 0,
    upstream: () => sites.health(),
  });
  registerMetrics({
    ...{ registry, tally, limits, counters: counted },
    cache: () => tier.stats,
    fills: () => stored.table.size,
    fillBytes: () => stored.memory.heldBytes,
    dropped: () => publicListeners.dropped + (fronts?.fronts.counters.sum('dropped') ?? 0),
    connections: openConnections,
    draining: () => drain.order !== undefined,
  });
  registerUpstreamMetrics(registry, () => sites.health());
  registerCertificateMetrics(registry, () => publicListeners.certificates);
  ready = true;

  const stop = async (deadlineMs: number): Promise<void> => {
    ready = false;
    cluster.members.update({ state: 'draining' });
    // Their sockets are responses that never end.
    const swarmClosed = swarm?.service.close();
    drain.close();
    for (const lane of lanes) lane.rest(true);
    await Promise.all([publicListeners.stop(deadlineMs), fronts?.stop(deadlineMs)]);
    access.close();
    await accessLog?.close();
    await swarmClosed;
    await insight?.close();
    await purges.close();
    steering.close();
    await cluster.close();
    await sites.close();
    await stored.close();
    await tracing?.close();
    // Last, so that health and metrics tell of the stop until it is done.
    await Promise.all([adminListener.stop(deadlineMs), insightListener.stop(deadlineMs)]);
  };
  let hurry = (): void => {};
  const leave = async (deadlineMs: number): Promise<void> => {
    if (deadlineMs > 0 && config.drainMs > 0) {
      // Balancers, steering and players have that long to hear of it.
      drain.begin({ deadlineMs: config.drainMs, to: [] });
      await new Promise<void>((resolve) => {
        hurry = resolve;
        timers.after(Math.max(0, config.drainMs - drain.agoMs), resolve);
      });
    }
    return stop(deadlineMs);
  };
  let stopped: Promise<void> | undefined;
  return {
    public: publicListeners.plain.bound,
    tls: publicListeners.tls?.bound,
    admin: adminListener.bound,
    insight: insightListener.bound,
    drain: (order) => drain.begin(order),
    resume: () => drain.end(),
    async reload() {
      accessLog?.reopen();
      await Promise.all([access.reload(), publicListeners.reload(), swarm?.reload(), insight?.reload()]);
    },
    async close(deadlineMs = config.stopDeadlineMs) {
      if (deadlineMs <= 0) {
        hurry();
        void fronts?.fronts.terminate();
        for (const listener of [publicListeners, adminListener, insightListener]) void listener.stop(0);
      }
      stopped ??= leave(deadlineMs);
      await stopped;
    },
  };
}

function serve(app: Hono): RequestListener {
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    hostname: 'localhost',
    overrideGlobalObjects: false,
  });
  return (request, response) => void listener(request, response);
}
