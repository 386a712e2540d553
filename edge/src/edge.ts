import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { Registry } from 'prom-client';
import { createAdminApp } from './admin/admin-app.js';
import { MemoryTier, sizeInMemory } from './cache/memory-tier.js';
import { isPlain } from './cache/stored-response.js';
import { VaryIndex } from './cache/vary.js';
import {
  type Clock,
  systemClock,
  systemTimers,
  wallClock as systemWallClock,
  type Timers,
} from './components.js';
import type { EdgeConfig } from './config/edge-config.js';
import { createSegmentDigests } from './digests/segment-digests.js';
import { NO_BACKING_STORE } from './fill/backing-store.js';
import { FillMemory } from './fill/fill-memory.js';
import { FillTable } from './fill/fill-table.js';
import { Filler } from './fill/filler.js';
import { PassMarks } from './fill/pass-marks.js';
import { addHotLane } from './hot/hot-lane.js';
import { Delivery } from './http/delivery.js';
import { createHitIndex, createHitPath } from './http/hit-path.js';
import { Responder } from './http/responder.js';
import { DEFAULT_INSIGHT_LIMITS } from './insight/config.js';
import { createInsight } from './insight/insight.js';
import { answerClientErrors } from './listeners/client-errors.js';
import { type BoundAddress, type Listener, openListener } from './listeners/listener.js';
import { createPublicHandler } from './listeners/public-handler.js';
import { createPurge } from './purge/purge.js';
import { createSite } from './site.js';
import { DEFAULT_SWARM_LIMITS, type SwarmServiceConfig } from './swarm/config.js';
import { createSwarmService } from './swarm/swarm-service.js';
import { EdgeCounters, UpstreamTally } from './telemetry/edge-counters.js';
import { createLog, type Log } from './telemetry/log.js';
import { registerMetrics } from './telemetry/metrics.js';
import { openUpstream } from './upstream/open-upstream.js';
import type { Upstream } from './upstream/upstream.js';

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
}

export interface RunningEdge {
  readonly public: BoundAddress;
  readonly admin: BoundAddress;
  readonly insight: BoundAddress;
  /**
   * Says not ready, takes no more connections, waits for responses under way up to `deadlineMs` (default:
   * `stopDeadlineMs` of the config) and closes everything. A second call with 0 cuts what is still under way.
   */
  close(deadlineMs?: number): Promise<void>;
}

/** Digests held: a day of 6 s segments of ten renditions, twice. About 100 MB when full. */
const MAX_DIGESTS = 250_000;

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
  const { limits, cache } = config;
  const log = components.log ?? createLog(config.log);
  const clock = components.clock ?? systemClock;
  const wallClock = components.wallClock ?? systemWallClock;
  const timers = components.timers ?? systemTimers;
  const random = components.random ?? Math.random;
  const registry = components.registry ?? new Registry();

  const upstream =
    components.upstream ?? (await openUpstream({ timers, clock, wallClock, random }, config.origin, config));
  opened.push(() => upstream.close());
  const site = createSite(config, upstream);

  // Cache and fills.
  const counters = new EdgeCounters();
  const tally = new UpstreamTally({ clock });
  const tier = new MemoryTier({
    limitBytes: cache.memoryBytes,
    sizeOf: sizeInMemory,
    policy: cache.policy,
  });
  const backing = NO_BACKING_STORE;
  const table = new FillTable({ maxFills: limits.fills });
  const marks = new PassMarks({ clock });
  const varies = new VaryIndex();
  const memory = new FillMemory({ limitBytes: limits.fillBytes });
  const digests = createSegmentDigests(
    { readCached: (path) => plainBody(tier, path) },
    { maxSegments: MAX_DIGESTS },
  );
  const filler = new Filler({
    ...{ tier, backing, table, marks, varies, memory, digests, tally, wallClock },
    allocate: (bytes) => Buffer.allocUnsafeSlow(bytes),
    onFailure: (fill, error) => log.warn({ path: fill.path, reason: error.code, err: error }, 'fill failed'),
  });
  const purge = createPurge({ tier, backing, table, marks, digests, wallClock });

  // What is told to players and heard from them.
  const insight = config.insight.enabled
    ? await createInsight(
        {
          ...{ clock, wallClock, timers, registry },
          onError: (error) => log.error({ reason: error.code, err: error }, 'insight failed'),
        },
        { databaseFile: join(config.dataDir, 'insight.duckdb'), limits: DEFAULT_INSIGHT_LIMITS },
      )
    : undefined;
  if (insight !== undefined) opened.push(() => insight.close());
  const swarm = config.swarm.enabled
    ? createSwarmService({ digests, clock, timers, random, registry }, swarmConfig(config))
    : undefined;
  if (swarm !== undefined) opened.push(() => swarm.close());

  // Listeners.
  const responder = new Responder({ counters, log });
  const delivery = new Delivery(
    {
      ...{ tier, table, marks, varies, filler, responder, counters, tally, wallClock },
      drop: (key) => {
        tier.delete(key);
        backing.delete(key);
      },
      invalidate: ({ prefix }, { paths }) => void purge.paths(paths.map((path) => prefix + path)),
    },
    { edgeName: config.name },
  );
  const handle = createPublicHandler({
    hitPath: createHitPath({ tier, counters, wallClock }),
    ...{ delivery, responder, site },
    eddyRoutes: insight?.publicRoutes,
  });
  let ready = false;
  const adminApp = createAdminApp({ registry, isReady: () => ready, purge, config, site });

  const publicListener = await openListener(
    { handle, timers },
    { name: 'public', address: config.listeners.public, limits },
  );
  opened.push(() => publicListener.stop(0));
  answerClientErrors(publicListener.server, (reason) => counters.refuse(reason));
  const hotLane = addHotLane(
    publicListener.server,
    {
      index: createHitIndex({ tier, wallClock }, { site, keepAliveMs: limits.keepAliveMs }),
      onAnswered: ({ bodyBytes }) => counters.count('hit', bodyBytes),
    },
    limits,
  );
  swarm?.attach(publicListener.server);
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
    ...{ registry, counters, tally },
    cache: () => tier.stats,
    fills: () => table.size,
    fillBytes: () => memory.heldBytes,
    dropped: () => publicListener.dropped,
    connections: () => connectionsOf(publicListener),
  });
  ready = true;

  const stop = async (deadlineMs: number): Promise<void> => {
    ready = false;
    // Their sockets are responses that never end.
    const swarmClosed = swarm?.close();
    hotLane.close();
    await publicListener.stop(deadlineMs);
    await swarmClosed;
    await insight?.close();
    await upstream.close();
    // Last, so that health and metrics tell of the stop until it is done.
    await Promise.all([adminListener.stop(deadlineMs), insightListener.stop(deadlineMs)]);
  };
  let stopped: Promise<void> | undefined;
  return {
    public: publicListener.bound,
    admin: adminListener.bound,
    insight: insightListener.bound,
    async close(deadlineMs = config.stopDeadlineMs) {
      if (deadlineMs <= 0) {
        for (const listener of [publicListener, adminListener, insightListener]) void listener.stop(0);
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

/** The listener stays, so that whoever looks learns why there is nothing to see. */
function noInsight(): Hono {
  const app = new Hono();
  app.all('*', (context) => context.text('Insight is switched off on this edge (insight.enabled).\n', 404));
  return app;
}

function connectionsOf({ server }: Listener): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error === null ? count : 0));
  });
}

/** The body that players get byte for byte, which a compressed one is not. */
function plainBody(tier: MemoryTier, path: string): Buffer | undefined {
  const object = tier.peek(path);
  if (object === undefined || !isPlain(object)) return undefined;
  return object.head.contentEncoding === undefined ? object.body : undefined;
}

function swarmConfig({ swarm }: EdgeConfig): SwarmServiceConfig {
  const { maxPeers, uploadBytesPerSecond, holdoutPercent, iceServers } = swarm;
  return {
    players: { mode: 'on', maxPeers, uploadBytesPerSecond },
    holdoutPercent,
    iceServers: iceServers.map(({ urls, username, credential }) => ({
      urls,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    })),
    limits: DEFAULT_SWARM_LIMITS,
  };
}
