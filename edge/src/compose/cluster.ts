import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Registry } from 'prom-client';
import type { Bus } from '../bus/bus.js';
import { LocalHub } from '../bus/local-bus.js';
import type { NatsBusOptions } from '../bus/nats-bus.js';
import { LoadMeter } from '../cluster/load-meter.js';
import { Membership } from '../cluster/membership.js';
import { type ClusterMetrics, createClusterMetrics } from '../cluster/metrics.js';
import { Neighbours } from '../cluster/neighbours.js';
import type { Clock, Timers } from '../components.js';
import type { BusConfig } from '../config/cluster-config.js';
import { ConfigError } from '../config/config-error.js';
import type { EdgeConfig } from '../config/edge-config.js';
import type { Log } from '../telemetry/log.js';
import { memberHop } from '../upstream/eddy-hop.js';
import type { UpstreamHealth } from '../upstream/open-upstream.js';

export interface ClusterComponents {
  readonly log: Log;
  /** Monotonic. */
  readonly clock: Clock;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly registry: Registry;
  /** Instead of the one that `cluster.bus` names; closed with the cluster. */
  readonly bus?: Bus | undefined;
}

/** What an edge does, for others to know. */
export interface OwnLoad {
  /** Since the start. */
  readonly sentBytes: () => number;
  readonly viewers: () => number;
  readonly upstream: () => UpstreamHealth;
}

export interface ComposedCluster {
  readonly bus: Bus;
  /** False: this edge is alone, or knows others by their addresses only. */
  readonly hasBus: boolean;
  /** Name of this run of the edge on the bus. */
  readonly instance: string;
  readonly members: Membership;
  /** Undefined: there is no bus to find them by. */
  readonly neighbours: Neighbours | undefined;
  readonly metrics: ClusterMetrics;
  /** Tells the others of the load from now on. */
  watch(load: OwnLoad): void;
  close(): Promise<void>;
}

const LOAD_EVERY_MS = 1_000;
const LOAD_OVER_MS = 5_000;
const LOG_ENTRIES = 100_000;

/** @throws ConfigError where a file of the bus cannot be read. A server that does not answer is waited for in the background. */
export async function composeCluster(
  { log, clock, wallClock, timers, random, registry, bus: given }: ClusterComponents,
  { name, cluster }: EdgeConfig,
): Promise<ComposedCluster> {
  const { bus: settings, pop, role, publicUrl, siblingUrl, egressLimitBytesPerSecond } = cluster;
  const hasBus = given !== undefined || settings.urls.length > 0;
  const bus = given ?? (await openBus({ log, clock, timers, random }, name, settings));
  bus.onConnected((connected) => {
    if (connected) log.info('bus connected');
    else log.warn('bus lost: until it is back, this edge hears of no others');
  });
  const instance = randomBytes(12).toString('base64url');
  const metrics = createClusterMetrics({ registry, bus, members: () => members });
  const members: Membership = new Membership(
    {
      ...{ bus, clock, wallClock, timers, random, instance },
      onGarbled: () => metrics.garbled('members'),
      onNameTaken: () => {
        metrics.nameTaken();
        log.error({ name }, 'another edge has the same name: give each its own, neither sees the other');
      },
    },
    { self: { name, pop, role, publicUrl, siblingUrl }, egressLimitBytesPerSecond },
  );
  const neighbours = hasBus ? new Neighbours(members, { hop: memberHop(instance) }) : undefined;
  let cancelLoad = (): void => {};
  return {
    ...{ bus, hasBus, instance, members, neighbours, metrics },
    watch({ sentBytes, viewers, upstream }) {
      const meter = new LoadMeter({ bytes: sentBytes(), nowMs: clock.now(), overMs: LOAD_OVER_MS });
      const tell = (): void => {
        cancelLoad = timers.after(LOAD_EVERY_MS, tell);
        const egressBytesPerSecond = meter.read(sentBytes(), clock.now());
        const originWell = isOriginWell(upstream());
        const load = { egressBytesPerSecond, egressLimitBytesPerSecond, viewers: viewers(), originWell };
        members.update({ load });
      };
      cancelLoad = timers.after(LOAD_EVERY_MS, tell);
    },
    async close() {
      cancelLoad();
      neighbours?.close();
      members.close();
      await bus.close();
    },
  };
}

/** One of them is enough. */
function isOriginWell({ members }: UpstreamHealth): boolean {
  const origins = members.filter(({ role }) => role === 'origin');
  return origins.length === 0 || origins.some(({ breaker }) => breaker !== 'open');
}

async function openBus(
  { log, clock, timers, random }: Pick<ClusterComponents, 'log' | 'clock' | 'timers' | 'random'>,
  name: string,
  settings: BusConfig,
): Promise<Bus> {
  const { urls } = settings;
  if (urls.length === 0) return new LocalHub({ clock }).connect();
  const options = await busOptions(name, settings);
  // The client takes a while to load: only those who use it wait.
  const { NatsBus } = await import('../bus/nats-bus.js');
  let saidAtMs = Number.NEGATIVE_INFINITY;
  const onTrouble = (error: unknown): void => {
    if (clock.now() - saidAtMs < TROUBLE_EVERY_MS) return;
    saidAtMs = clock.now();
    log.warn({ urls, err: error }, 'bus cannot be used');
  };
  return new NatsBus({ timers, random, onTrouble }, options);
}

const TROUBLE_EVERY_MS = 30_000;

async function busOptions(name: string, settings: BusConfig): Promise<NatsBusOptions> {
  const { urls, prefix, user, password, token, credentialsFile, tls, keepMs, replicas } = settings;
  const read = async (setting: string, file: string | undefined): Promise<string | undefined> => {
    if (file === undefined) return undefined;
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigError([`cluster.bus.${setting}: cannot be read: ${reason}`]);
    }
  };
  const ca = await read('tls.caFile', tls.caFile);
  const cert = await read('tls.certFile', tls.certFile);
  const key = await read('tls.keyFile', tls.keyFile);
  const wantsTls = ca !== undefined || cert !== undefined || urls.some((url) => url.startsWith('tls:'));
  return {
    ...{ urls, prefix, name, user, password, token },
    credentials: await read('credentialsFile', credentialsFile),
    tls: wantsTls ? { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } : undefined,
    log: { maxAgeMs: keepMs, maxEntries: LOG_ENTRIES, replicas },
  };
}
