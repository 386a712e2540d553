import type { Measured } from './measured.js';
import { type Audience, offloadOfAudience } from './offload.js';

/** What a business asks of its CDN. */
export interface Business extends Omit<Audience, 'holdout'> {
  readonly name: string;
  readonly what: string;
  /** Bytes that viewers play in a month, from peers or not. */
  readonly monthlyBytes: number;
  /** Bits a second that they play at the peak. */
  readonly peakBitsPerSecond: number;
}

export interface Machine {
  readonly name: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly nicBitsPerSecond: number;
  readonly perMonth: number;
  readonly currency: string;
  readonly source: string;
}

export interface Assumptions {
  /** Share of a limit that is planned with; the rest is for what comes at once. */
  readonly use: number;
  /** Edges more than needed, so that one may be away. */
  readonly spares: number;
  /** Cache in memory of each edge. */
  readonly cacheBytes: number;
  /** Connections of a viewer: media and the socket of the swarm. */
  readonly connectionsPerViewer: number;
  /** Seconds between a player's requests of a live stream: a playlist and a segment each time. */
  readonly segmentSeconds: number;
  readonly holdout: number;
}

export const ASSUMPTIONS: Assumptions = {
  use: 0.6,
  spares: 1,
  cacheBytes: 4 * 2 ** 30,
  connectionsPerViewer: 2,
  segmentSeconds: 4,
  holdout: 0.1,
};

/** What limits how few edges there may be. */
export type Limit = 'network' | 'processor' | 'memory' | 'spares';

export interface EdgePlan {
  readonly edges: number;
  readonly limit: Limit;
  /** At the peak, of all edges together. */
  readonly egressBitsPerSecond: number;
  readonly monthlyEgressBytes: number;
  readonly cores: number;
  readonly memoryBytesPerEdge: number;
}

export interface BusinessPlan {
  readonly business: Business;
  readonly machine: Machine;
  readonly offload: number;
  readonly without: EdgePlan;
  readonly with: EdgePlan;
}

/** How many edges a business needs on machines of one kind, without peers and with them. Pure. */
export function planBusiness(
  business: Business,
  machine: Machine,
  measured: Measured,
  assumptions: Assumptions = ASSUMPTIONS,
): BusinessPlan {
  const offload = offloadOfAudience({ ...business, holdout: assumptions.holdout }, measured.offload);
  const plan = (fromPeers: number): EdgePlan => edgesFor(business, machine, measured, assumptions, fromPeers);
  return { business, machine, offload, without: plan(0), with: plan(offload) };
}

function edgesFor(
  business: Business,
  machine: Machine,
  measured: Measured,
  { use, spares, cacheBytes, connectionsPerViewer, segmentSeconds }: Assumptions,
  fromPeers: number,
): EdgePlan {
  const egressBitsPerSecond = business.peakBitsPerSecond * (1 - fromPeers);
  const swarm = fromPeers > 0;
  const requestsPerSecond = (2 * business.viewers) / segmentSeconds;
  const cores =
    (egressBitsPerSecond / 8) * measured.coreSecondsPerByte +
    requestsPerSecond * measured.coreSecondsPerRequest +
    (swarm ? business.viewers * measured.swarmViewer.cores : 0);
  const perViewer =
    connectionsPerViewer * measured.connectionBytes + (swarm ? measured.swarmViewer.bytes : 0);
  // A fifth more than the cache's own count, as in what `live` allows.
  const standing = measured.baseBytes + cacheBytes * 1.25;
  const room = machine.memoryBytes * 0.8 - standing;
  if (room <= 0) throw new RangeError(`${machine.name} has less memory than an edge with its cache takes`);
  const needs: Record<Exclude<Limit, 'spares'>, number> = {
    network: egressBitsPerSecond / (machine.nicBitsPerSecond * use),
    processor: cores / (machine.cores * use),
    memory: (business.viewers * perViewer) / room,
  };
  const [limit, needed] = (Object.entries(needs) as [Limit, number][]).reduce((most, one) =>
    one[1] > most[1] ? one : most,
  );
  const busy = Math.ceil(needed);
  return {
    edges: busy + spares,
    limit: busy <= 1 ? 'spares' : limit,
    egressBitsPerSecond,
    monthlyEgressBytes: business.monthlyBytes * (1 - fromPeers),
    cores,
    memoryBytesPerEdge: standing + (business.viewers * perViewer) / busy,
  };
}
