import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { startChild } from '../process/child.js';
import { Cleanup } from '../process/cleanup.js';
import { makeSite } from '../scenarios/site.js';
import { ORIGIN_BIN } from '../system/command-line.js';
import { timeUntil } from './act.js';
import {
  type ActResult,
  busRestarts,
  edgeDies,
  isKnown,
  linkFails,
  linkReturns,
  type Stage,
  settle,
} from './acts.js';
import { startBusServer } from './bus-server.js';
import { type Cdn, type Node, startCdn } from './cdn.js';
import { CORE, type Network, startNetwork } from './network.js';
import { PurgedObject, type PurgeResult } from './purges.js';
import { openViewers } from './viewers.js';

/** Compiled code lies in `dist`. */
const SAMPLE = fileURLToPath(new URL('../../../origin/sample/eddy-360p.mp4', import.meta.url));
const STREAM = 'live';
const BUS_PORT = 4222;
/** The admin listener is one above. */
const [BUS_EDGE_PORT, HTTP_EDGE_PORT] = [8080, 8090];
const MOST_SECONDS = 60;

export type ActName = 'settle' | 'edge-dies' | 'link-fails' | 'link-returns' | 'bus-restarts';

/** What is played, in this order. */
export const ACTS: Readonly<Record<ActName, (stage: Stage) => Promise<ActResult>>> = {
  settle: (stage) => settle(stage),
  'edge-dies': (stage) => edgeDies(stage),
  'link-fails': (stage) => linkFails(stage),
  'link-returns': (stage) => linkReturns(stage),
  'bus-restarts': (stage) => busRestarts(stage),
};

export interface RegionsPlan {
  readonly perRegion: number;
  readonly acts: readonly ActName[];
  readonly purges: readonly PurgesName[];
}

/** Ways that a purge takes to the others. */
export const PURGES: readonly PurgesName[] = ['purges-bus', 'purges-http'];
export type PurgesName = 'purges-bus' | 'purges-http';

export interface PurgesResult {
  readonly all: PurgeResult;
  readonly again: PurgeResult;
  /** While one edge is away. */
  readonly absent: PurgeResult;
}

export interface BusPurgesResult extends PurgesResult {
  /** Of the edge that was away: until it gave the new version, and answers with an old one before. */
  readonly returned: { readonly tookMs: number | undefined; readonly old: number };
}

export interface HttpPurgesResult extends PurgesResult {
  /** Whether the edge that was away gave the old version when it was back: nobody keeps purges for it. */
  readonly returnedOld: boolean;
  /** The same purge once more, with it. */
  readonly repeated: PurgeResult;
}

export interface PlayedAct extends ActResult {
  /** How many processes wanted to run before it, on average of a minute. */
  readonly load: number;
}

export interface RegionsResult {
  readonly acts: Readonly<Partial<Record<ActName, PlayedAct>>>;
  readonly overBus: BusPurgesResult | undefined;
  readonly overHttp: HttpPurgesResult | undefined;
}

export interface PlayComponents {
  readonly tell: (message: unknown) => void;
  readonly signal: AbortSignal;
}

/** The whole piece, in a namespace of our own. Servers and browsers are children of this process. */
export async function playRegions(plan: RegionsPlan, components: PlayComponents): Promise<RegionsResult> {
  const { tell, signal } = components;
  const cleanup = new Cleanup();
  try {
    const network = await startNetwork(BUS_EDGE_PORT, signal);
    cleanup.add(network.stop);
    const site = await makeSite();
    cleanup.add(site.remove);
    await startLive(site.url, cleanup, signal);
    const origin = { network, origin: site.url };
    const withBus = new Cleanup();
    cleanup.add(() => withBus.run());
    const bus = await startBusServer(CORE, BUS_PORT, signal);
    withBus.add(bus.stop);
    const cdn = await startCdn({ ...origin, port: BUS_EDGE_PORT, busUrl: bus.url });
    withBus.add(cdn.stop);
    await meet(cdn);
    tell('everybody knows of everybody');
    const viewers = await openViewers(
      { network, cdn, path: `/${STREAM}/master.m3u8`, perRegion: plan.perRegion },
      withBus,
    );
    const stage: Stage = { network, cdn, bus, viewers };
    const acts: Partial<Record<ActName, PlayedAct>> = {};
    for (const name of plan.acts) {
      signal.throwIfAborted();
      tell(`${name} …`);
      const [load = 0] = loadavg();
      acts[name] = { ...(await ACTS[name](stage)), load };
      tell(`${name}: ${JSON.stringify(acts[name])}`);
    }
    // Without `link-returns` it is cut still.
    await network.regions.north.mendPop();
    await meet(cdn);
    const asked = (name: PurgesName): boolean => plan.purges.includes(name);
    const overBus = asked('purges-bus') ? await purgeOverBus(cdn, site.folder) : undefined;
    if (overBus !== undefined) tell(`purges over the bus: ${JSON.stringify(overBus)}`);
    await withBus.run();
    const overHttp = asked('purges-http') ? await purgeOverHttp(origin, site.folder) : undefined;
    if (overHttp !== undefined) tell(`purges over HTTP: ${JSON.stringify(overHttp)}`);
    return { acts, overBus, overHttp };
  } finally {
    await cleanup.run();
  }
}

async function meet(cdn: Cdn): Promise<void> {
  if ((await timeUntil(() => isKnown(cdn), MOST_SECONDS)) !== undefined) return;
  throw new Error('edges and shield do not learn of each other');
}

async function purgeOverBus(cdn: Cdn, folder: string): Promise<BusPurgesResult> {
  const { object, away, all, again, absent } = await playPurges(cdn, folder);
  return { all, again, absent, returned: await object.returns(away) };
}

async function purgeOverHttp(
  origin: { readonly network: Network; readonly origin: string },
  folder: string,
): Promise<HttpPurgesResult> {
  const cdn = await startCdn({ ...origin, port: HTTP_EDGE_PORT, busUrl: undefined });
  try {
    const { object, at, away, all, again, absent } = await playPurges(cdn, folder);
    await away.start();
    const returnedOld = await object.isOld(away);
    return { all, again, absent, returnedOld, repeated: await object.repeat(at) };
  } finally {
    await cdn.stop();
  }
}

interface PlayedPurges extends PurgesResult {
  readonly object: PurgedObject;
  readonly at: Node;
  /** The edge that was ended. */
  readonly away: Node;
}

async function playPurges(cdn: Cdn, folder: string): Promise<PlayedPurges> {
  const [at] = cdn.edges;
  const away = cdn.edges.at(-1);
  if (at === undefined || away === undefined) throw new Error('there are no edges');
  const object = new PurgedObject(cdn, folder);
  await object.warm();
  const all = await object.purge(at);
  const again = await object.purge(at);
  await away.kill();
  const absent = await object.purge(
    at,
    cdn.nodes.filter((node) => node !== away),
  );
  return { object, at, away, all, again, absent };
}

async function startLive(to: string, cleanup: Cleanup, signal: AbortSignal): Promise<void> {
  let log = (): string => '';
  const live = await startChild({
    ...{ name: 'eddy-origin live', command: process.execPath, signal },
    args: [ORIGIN_BIN, 'live', SAMPLE, '--to', to, '--name', STREAM],
    ready: async () => log().includes(`/${STREAM}/master.m3u8`),
    onLog: (read) => {
      log = read;
    },
  });
  cleanup.add(live.stop);
}
