import type { IncomingMessage, ServerResponse } from 'node:http';
import { splitTokenPath } from '@eddy/protocol';
import type { Registry } from 'prom-client';
import type { AddressRanges } from '../access/address.js';
import type { Member, MemberTable } from '../cluster/members.js';
import type { Clock, Random, Timers } from '../components.js';
import { isLike, type SteeringConfig } from '../config/steering-schema.js';
import type { Place } from '../swarm/matching/place.js';
import type { Log } from '../telemetry/log.js';
import { decide, type Health } from './decide.js';
import { steeringManifest } from './manifest.js';
import { createSteeringMetrics } from './metrics.js';
import { type LocatedPathway, ownPathway, pathwaysOf } from './pathways.js';
import { type AskPing, Probes } from './probes.js';
import { respond } from './respond.js';
import { type Asker, steeringQuestion } from './viewer.js';

export interface SteeringComponents {
  /** Monotonic. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly registry: Registry;
  readonly members: Pick<MemberTable, 'all' | 'onChange'>;
  readonly trusted: AddressRanges;
  readonly placeOf: (address: string | undefined) => Place;
  readonly ask: AskPing;
}

export interface Steering {
  /** What the pathway of this edge is called in playlists. */
  readonly base: string;
  /** Answers a request to `STEERING_PATH`. `asked` is its target with the token, if it had one. */
  answer(request: IncomingMessage, response: ServerResponse, asker: Asker, asked: string): void;
  /** Base URLs of edges that players of this one are to meet at when it is left, at most 16. */
  elsewhere(): readonly string[];
  close(): void;
}

const MEDIA_TYPE = 'application/vnd.apple.steering-list';
/** Players ask again at most this much sooner or later than all others. */
const TTL_JITTER = 0.1;
const MAX_ELSEWHERE = 16;

/** The settings were checked: players are sent to this edge. */
export function createSteering(components: SteeringComponents, config: SteeringConfig): Steering {
  const { clock, timers, random, log, registry, members } = components;
  const { pops, ttlMs, returnMs, highLoadPercent, regionHeader } = config;
  const [self] = members.all();
  const own = self === undefined ? undefined : ownPathway(pops, self);
  if (own === undefined) throw new TypeError('players are not sent to this edge, so it cannot steer');
  const unlike = new Set<string>();
  const healths = new Map<string, { readonly health: Health; readonly wellSinceMs: number }>();

  const wellSince = (id: string, health: Health): number => {
    const before = healths.get(id);
    if (before?.health === health) return before.wellSinceMs;
    // What is there from the start has not come back from anywhere.
    const wellSinceMs = before === undefined ? Number.NEGATIVE_INFINITY : clock.now();
    healths.set(id, { health, wellSinceMs });
    if (before !== undefined) log.info({ pathway: id, from: before.health, to: health }, 'pathway');
    return wellSinceMs;
  };
  const reachable = (member: Member): boolean => {
    if (member.publicUrl === undefined || isLike(member.publicUrl, own.url)) return true;
    if (!unlike.has(member.name)) {
      unlike.add(member.name);
      log.warn(
        { edge: member.name, url: member.publicUrl, own: own.url },
        'players are not sent there: its URL differs in more than the host, which is all that they change',
      );
    }
    return false;
  };
  const pathways = (): LocatedPathway[] =>
    pathwaysOf({
      ...{ pops, wellSince },
      members: members.all().filter(reachable),
      probed: (url) => probes.wordOf(url),
    });
  // Its own PoP it sees from within.
  const urls = pops.flatMap(({ url }) => (url === undefined || url === own.url ? [] : [url]));
  const probes = new Probes(
    { timers, random, ask: components.ask, onChange: () => void pathways() },
    { urls, everyMs: config.probeMs },
  );
  const stopListening = members.onChange(() => void pathways());
  const metrics = createSteeringMetrics(registry, pathways);
  const sources = { ...components, regionHeader };
  const options = { highLoad: highLoadPercent / 100, returnMs };

  return {
    base: own.id,
    answer(request, response, asker, asked) {
      const { base = own.id, viewer } = steeringQuestion(request, asker, sources);
      const there = pathways();
      const order = decide(viewer, there, options, clock.now());
      metrics.answered(order[0] ?? own.id, viewer.at);
      const manifest = steeringManifest({
        ...{ order, base, self: own.id },
        urlOf: (id) => there.find((pathway) => pathway.id === id)?.url,
        ttlMs: ttlMs * (1 + TTL_JITTER * (2 * random() - 1)),
        token: splitTokenPath(asked).token,
      });
      respond(request, response, MEDIA_TYPE, JSON.stringify(manifest));
    },
    elsewhere() {
      const there = pathways();
      const here = there.find(({ id }) => id === own.id);
      // Others are behind the same URL.
      if (here?.health === 'well') return [here.url];
      const well = there.filter(({ id, health }) => id !== own.id && health === 'well');
      const near = well.filter(({ regions }) => regions.some((word) => here?.regions.includes(word)));
      return (near.length > 0 ? near : well).slice(0, MAX_ELSEWHERE).map(({ url }) => url);
    },
    close() {
      stopListening();
      probes.close();
    },
  };
}
