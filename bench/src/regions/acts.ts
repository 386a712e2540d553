import { setTimeout as sleep } from 'node:timers/promises';
import { timeUntil, type WatchedMeanwhile, watchedMeanwhile } from './act.js';
import type { BusServer } from './bus-server.js';
import type { Cdn, Node } from './cdn.js';
import type { Network } from './network.js';
import type { RegionViewer } from './viewers.js';

/** Watched after each change before it is looked at what it did. */
const AFTER_SECONDS = 15;
const MOST_SECONDS = 90;
/** hls.js leaves a pathway that failed alone for five minutes, whatever it is told (player-sdk/README.md). */
const MOST_SECONDS_TO_RETURN = 330;
/** How long the bus is away. */
const BUS_AWAY_SECONDS = 12;

export interface Stage {
  readonly network: Network;
  readonly cdn: Cdn;
  readonly bus: BusServer;
  readonly viewers: readonly RegionViewer[];
}

/** Milliseconds until what was waited for; undefined: it did not come. */
export interface Awaited {
  readonly tookMs: number | undefined;
}
export type ActResult = Awaited & WatchedMeanwhile;

const hostOf = ({ url }: Node): string => new URL(url).hostname;
const hostsIn = (cdn: Cdn, region: string | undefined): Set<string> =>
  new Set(cdn.edges.filter((edge) => edge.region === region).map(hostOf));

/** Everybody plays, each at an edge of its own region. */
export async function settle({ cdn, viewers }: Stage): Promise<ActResult> {
  return await watchedMeanwhile(viewers, async () => {
    const tookMs = await timeUntil(
      () => viewers.every((viewer) => hostsIn(cdn, viewer.region).has(viewer.at())),
      MOST_SECONDS,
    );
    await sleep(AFTER_SECONDS * 1000);
    return { tookMs };
  });
}

/** The edge that the first viewer is at ends without a word. Took: until nobody is there any more. */
export async function edgeDies({ cdn, viewers }: Stage): Promise<ActResult> {
  const at = viewers[0]?.at();
  const victim = cdn.edges.find((edge) => hostOf(edge) === at);
  if (victim === undefined) throw new Error(`the first viewer is at no edge, but at ${JSON.stringify(at)}`);
  const result = await watchedMeanwhile(viewers, async () => {
    await victim.kill();
    const tookMs = await timeUntil(
      () => viewers.every((viewer) => viewer.at() !== at && viewer.meetsAt() !== at),
      MOST_SECONDS,
    );
    await sleep(AFTER_SECONDS * 1000);
    return { tookMs };
  });
  await victim.start();
  return result;
}

/** The PoP of the north is cut off. Took: until its viewers are at the other. */
export async function linkFails({ network, cdn, viewers }: Stage): Promise<ActResult> {
  const south = hostsIn(cdn, 'south');
  return await watchedMeanwhile(viewers, async () => {
    await network.regions.north.cutPop();
    const tookMs = await timeUntil(() => viewers.every((viewer) => south.has(viewer.at())), MOST_SECONDS);
    await sleep(AFTER_SECONDS * 1000);
    return { tookMs };
  });
}

/** Took: until everybody is in its own region again. */
export async function linkReturns({ network, cdn, viewers }: Stage): Promise<ActResult> {
  return await watchedMeanwhile(viewers, async () => {
    await network.regions.north.mendPop();
    const tookMs = await timeUntil(
      () => viewers.every((viewer) => hostsIn(cdn, viewer.region).has(viewer.at())),
      MOST_SECONDS_TO_RETURN,
    );
    await sleep(AFTER_SECONDS * 1000);
    return { tookMs };
  });
}

/** The bus is killed and comes back. Took: until every edge has it and knows of all others again. */
export async function busRestarts({ cdn, bus, viewers }: Stage): Promise<ActResult> {
  return await watchedMeanwhile(viewers, async () => {
    await bus.kill();
    const lost = await timeUntil(async () => (await connected(cdn)).every((value) => value === 0), 20);
    if (lost === undefined) throw new Error('the edges do not say that the bus is gone');
    await sleep(BUS_AWAY_SECONDS * 1000);
    await bus.start();
    const tookMs = await timeUntil(
      async () => (await connected(cdn)).every((value) => value === 1) && (await isKnown(cdn)),
      MOST_SECONDS,
    );
    await sleep(AFTER_SECONDS * 1000);
    return { tookMs };
  });
}

export async function isKnown({ nodes }: Cdn): Promise<boolean> {
  const counts = await Promise.all(nodes.map((node) => node.process().metric('eddy_cluster_members')));
  return counts.every((count) => count === nodes.length);
}

async function connected({ nodes }: Cdn): Promise<number[]> {
  return await Promise.all(nodes.map((node) => node.process().metric('eddy_bus_connected')));
}
