import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { type Arm, SWARM_PATH, tokenPath } from '@eddy/protocol';
import type { Registry } from 'prom-client';
import type { Access } from '../access/access.js';
import type { Passage, Visitor } from '../access/gate.js';
import type { Clock, Timers } from '../components.js';
import { ConfigError } from '../config/config-error.js';
import type { EdgeConfig, SwarmOptions } from '../config/edge-config.js';
import type { SegmentDigests } from '../digests/segment-digests.js';
import { cleared } from '../listeners/admission.js';
import { REFUSALS } from '../refusals/refusals.js';
import type { Sites } from '../sites/sites.js';
import { armOf } from '../swarm/arm/arm.js';
import { DEFAULT_SWARM_LIMITS, type SwarmServiceConfig } from '../swarm/config.js';
import { Federation } from '../swarm/federation/federation.js';
import { createFederationMetrics } from '../swarm/federation/metrics.js';
import type { FederatedRooms, Outside } from '../swarm/federation/outside.js';
import type { TurnConfig } from '../swarm/ice/turn.js';
import type { Place } from '../swarm/matching/place.js';
import type { Pass } from '../swarm/pass.js';
import { PlaceFinder } from '../swarm/places/place-finder.js';
import { siteOf } from '../swarm/rooms/room-name.js';
import { createSwarmService, type SwarmEntry, type SwarmService } from '../swarm/swarm-service.js';
import type { Log } from '../telemetry/log.js';
import type { ReloadMetrics } from '../telemetry/reload-metrics.js';
import type { ComposedCluster } from './cluster.js';

export interface SwarmComponents {
  readonly access: Access;
  readonly sites: Pick<Sites, 'byName'>;
  readonly digests: SegmentDigests;
  readonly log: Log;
  /** Monotonic. */
  readonly clock: Clock;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly registry: Registry;
  /** Hears of what cannot be read again. */
  readonly reloads: ReloadMetrics;
  readonly cluster: ComposedCluster;
}

/** What the operator may change while people watch. */
export type SwarmSettings = Pick<
  SwarmOptions,
  'mode' | 'holdoutPercent' | 'maxPeers' | 'uploadBytesPerSecond'
>;

export interface SwarmControl {
  readonly settings: SwarmSettings;
  /** Reaches the players at once; forgotten when the edge stops. */
  change(changes: Partial<SwarmSettings>): SwarmSettings;
}

export interface ComposedSwarm {
  readonly service: SwarmService;
  readonly control: SwarmControl;
  /** The arm that a viewer would draw if it joined a room through this site and host. */
  armOf(viewer: string, door: { readonly site: string; readonly host: string | undefined }): Arm;
  /** Where an address is, by the databases. */
  placeOf(address: string | undefined): Place;
  /** Looks at databases and the TURN secret again. Does not throw. */
  reload(): Promise<void>;
}

/** @throws ConfigError where a database or the TURN secret cannot be read. */
export async function composeSwarm(
  {
    access,
    sites,
    digests,
    log,
    clock,
    wallClock,
    timers,
    random,
    registry,
    reloads,
    cluster,
  }: SwarmComponents,
  { swarm, sites: named, steering }: EdgeConfig,
): Promise<ComposedSwarm> {
  const places = new PlaceFinder(
    {
      read: (file) => readFile(file),
      onError: (file, error) => {
        reloads.failed('swarm-databases');
        log.error({ file, err: error }, 'database cannot be read');
      },
    },
    swarm.databases,
  );
  await orConfigError('swarm.databases', places.open());
  let turn = await orConfigError('swarm.turn.secretFile', turnConfig(swarm));
  let settings: SwarmSettings = swarm;
  const serviceConfig = (): SwarmServiceConfig => ({
    players: {
      mode: settings.mode,
      maxPeers: settings.maxPeers,
      uploadBytesPerSecond: settings.uploadBytesPerSecond,
    },
    holdoutPercent: settings.holdoutPercent,
    iceServers: swarm.iceServers.map(({ urls, username, credential }) => ({
      urls,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    })),
    turn,
    meet: swarm.meet,
    limits: { ...DEFAULT_SWARM_LIMITS, roomViewers: swarm.roomViewers },
  });

  /**
   * Without sites each host is a site of its own, though all have the same objects; but not where viewers change hosts
   * in the middle of a film: room and arm stay theirs.
   */
  const drawsBySite = named.length > 0 || steering.enabled;
  const entryOf = (visitor: Visitor, request: IncomingMessage): SwarmEntry => {
    const { site } = visitor;
    return {
      site: drawsBySite ? site.name : undefined,
      sitePrefix: sites.byName(site.name).prefix,
      pass: passOf(visitor),
      async renew(token) {
        const { method, headers, rawHeaders, socket } = request;
        const passage = await access.gate({
          method,
          headers,
          rawHeaders,
          socket,
          url: tokenPath(token, SWARM_PATH),
        });
        return 'refused' in passage || passage.site !== site || passage.grant === undefined
          ? undefined
          : passOf(passage);
      },
    };
  };
  const federate = (rooms: FederatedRooms): Outside => {
    const { bus, members, instance, metrics } = cluster;
    const { word } = createFederationMetrics(registry, () => rooms.visitors);
    return new Federation({
      ...{ bus, homes: members, instance, clock, timers, rooms },
      onWord: word,
      onGarbled: () => metrics.garbled('swarm'),
    });
  };
  const service = createSwarmService(
    {
      ...{ digests, clock, wallClock, timers, random, registry },
      federate: cluster.hasBus ? federate : undefined,
      addressOf: (request) => access.addressOf(request),
      placeOf: (address) => places.placeOf(address),
      admit: async (request) => {
        const passage: Passage = cleared(request, await access.gate(request));
        if (!('refused' in passage)) return entryOf(passage, request);
        const { status, message } = REFUSALS[passage.refused];
        return { refused: passage.refused, status, message };
      },
    },
    serviceConfig(),
  );
  return {
    service,
    armOf: (viewer, { site, host }) =>
      armOf(viewer, drawsBySite ? site : (siteOf(host) ?? ''), settings.holdoutPercent),
    placeOf: (address) => places.placeOf(address),
    control: {
      get settings() {
        const { mode, holdoutPercent, maxPeers, uploadBytesPerSecond } = settings;
        return { mode, holdoutPercent, maxPeers, uploadBytesPerSecond };
      },
      change(changes) {
        settings = { ...settings, ...changes };
        service.setConfig(serviceConfig());
        return this.settings;
      },
    },
    async reload() {
      await places.reload();
      try {
        turn = await turnConfig(swarm);
        service.setConfig(serviceConfig());
      } catch (error) {
        reloads.failed('turn-secret');
        log.error({ err: error }, 'the TURN secret cannot be read');
      }
    },
  };
}

function passOf(visitor: Visitor): Pass {
  const { endsAtMs } = visitor;
  return {
    endsAtMs,
    allows: (path) => visitor.allows(path),
    allowsBelow: (prefix) => visitor.allowsBelow(prefix),
  };
}

async function turnConfig({ turn }: SwarmOptions): Promise<TurnConfig | undefined> {
  const { urls, secret, secretFile, lifetimeMs } = turn;
  if (urls.length === 0) return undefined;
  const text = secretFile === undefined ? secret : (await readFile(secretFile, 'utf8')).trim();
  if (text === undefined || text === '') throw new Error('it is empty');
  return { urls, secret: text, lifetimeMs };
}

async function orConfigError<Value>(setting: string, opening: Promise<Value>): Promise<Value> {
  try {
    return await opening;
  } catch (error) {
    throw new ConfigError([
      `${setting}: cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
}
