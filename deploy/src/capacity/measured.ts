/** What benches found that a sheet is computed from. */
export interface Measured {
  /** Core seconds for a byte of segments over TLS with tokens, limits and log on. */
  readonly coreSecondsPerByte: number;
  /** Core seconds for a playlist or a small segment, without TLS. */
  readonly coreSecondsPerRequest: number;
  /** Resident bytes of an edge process beside its cache with no viewer. */
  readonly baseBytes: number;
  /** Resident bytes for each connection, at most. */
  readonly connectionBytes: number;
  /** Core seconds a second, and resident bytes, of a viewer in a swarm. */
  readonly swarmViewer: { readonly cores: number; readonly bytes: number };
  /** Share of played bytes that came from peers, by how many watched one stream together. */
  readonly offload: readonly OffloadPoint[];
}

export interface OffloadPoint {
  readonly viewers: number;
  readonly offload: number;
  /** `browsers`: real pages. `simulate`: the real session in virtual time, with leeches and peers out of reach. */
  readonly from: 'browsers' | 'simulate';
}

type Tree = Record<string, unknown>;

function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((found, key) => (isTree(found) ? found[String(key)] : undefined), value);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

function number(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new RangeError(
    `the kept results have no ${what}: run the bench again, or look at what it calls it now`,
  );
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The median of a metric of one contender in one workload of a report of `npm run bench -- edge`. */
function median(report: unknown, workload: string, contender: string, metric: string): number {
  const found = list(at(report, 'workloads')).find((one) => at(one, 'name') === workload);
  const row = list(at(found, 'rows')).find((one) => at(one, 'contender') === contender);
  return number(at(row, 'summary', metric, 'median'), `${metric} of ${contender} in ${workload}`);
}

/** Eddy's offload in a scenario of `swarm.json`, the middle one of its turns. */
function browserOffload(report: unknown, scenario: string): number {
  const turns = list(at(report, 'turns'))
    .filter((turn) => at(turn, 'scenario') === scenario && at(turn, 'contender') === 'eddy')
    .map((turn) => number(at(turn, 'values', 'offload'), `offload in ${scenario}`))
    .sort((one, other) => one - other);
  return number(turns[Math.floor(turns.length / 2)], `turn of eddy in ${scenario}`);
}

/** One run of `npm run bench -- simulate --only thousand --viewers N`. */
function simulated(report: unknown): OffloadPoint {
  const said = /^(\d+) viewers/.exec(String(at(report, 'contenders', 0, 'version')))?.[1];
  return {
    viewers: number(said === undefined ? undefined : Number(said), 'number of viewers in a simulation'),
    offload: median(report, 'swarm', 'thousand', 'offload'),
    from: 'simulate',
  };
}

const MIB = 2 ** 20;
/** Kept from decision 0134: one run of 8,000 sockets in one room's service. */
const SWARM_VIEWER = { cores: 5.8e-6, bytes: 11.5 * 1024 };

/**
 * Reads `edge.json`, `swarm.json` and `simulate.json` (a list of runs) of bench/results.
 *
 * @throws RangeError that names what a report lacks.
 */
export function measuredFrom(edge: unknown, swarm: unknown, simulate: unknown): Measured {
  const guarded = median(edge, 'segments-tls', 'eddy-edge, TLS, guarded', 'cpuPerRequestUs');
  return {
    coreSecondsPerByte: guarded / 1e6 / MIB,
    coreSecondsPerRequest: median(edge, 'live', 'eddy-edge', 'cpuPerRequestUs') / 1e6,
    baseBytes: 100e6,
    // The bound that the workload `live` holds edges to; they stay below it.
    connectionBytes: 20 * 1024,
    swarmViewer: SWARM_VIEWER,
    offload: [
      { viewers: 8, offload: browserOffload(swarm, 'live-10s'), from: 'browsers' },
      ...list(simulate).map(simulated),
    ],
  };
}
