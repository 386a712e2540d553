import type { BenchOptions } from '../../bench.js';
import { faultlessOpenLoop } from '../../load/open-loop/open-loop.js';
import { runWrk } from '../../load/wrk.js';
import { PLAYLIST_BYTES, SEGMENT_BYTES } from '../../origin/content.js';
import { stampedObject } from '../../origin/stamped-content.js';
import { startTinyOrigin } from '../../origin/tiny-origin.js';
import type { Comparison, Goal, Metric, Turn, WorkloadReport } from '../../report/report.js';
import { compareFamilies, summarizeTurns } from '../../report/summary.js';
import { ratioGoal } from '../goals.js';
import { eddies, nginxes, varnish } from '../line-up.js';
import { measureTurn } from '../measure.js';
import { DISTURBANCE, LOAD_CORES, P50, REQUESTS, SERVER_CORES } from '../metrics.js';
import { inRounds } from '../rounds.js';
import type { Entrant, Stage } from '../stage.js';
import { onlyHits } from '../turn.js';
import { fillAndVerify } from '../verify.js';
import type { EdgeWorkload } from '../workload.js';
import { CONNECTIONS, fewRounds } from './closed-loop.js';

const SIZES = [
  { name: '1 KiB', objects: [stampedObject('/half/media.m3u8', PLAYLIST_BYTES)], bytes: PLAYLIST_BYTES },
  {
    name: '1 MiB',
    objects: Array.from({ length: 32 }, (_, index) => stampedObject(`/half/${index}.m4s`, SEGMENT_BYTES)),
    bytes: SEGMENT_BYTES,
  },
] as const;
type Size = (typeof SIZES)[number];

/** Enough that a busy connection is not what a due request waits for. */
const OPEN_CONNECTIONS = 4 * CONNECTIONS;
const P99: Metric = { key: 'p99Ms', label: 'p99', unit: 'ms', better: 'lower' };
const METRICS: readonly Metric[] = [
  P99,
  P50,
  { key: 'maxMs', label: 'max', unit: 'ms', better: 'lower' },
  REQUESTS,
  { key: 'latenessP99Ms', label: 'generator late p99', unit: 'ms', better: 'lower' },
  SERVER_CORES,
  LOAD_CORES,
  ...DISTURBANCE,
];

/** Someone driven at half of what a peer can do; `name` says both. */
interface Pairing {
  readonly name: string;
  readonly family: string;
  readonly entrant: Entrant;
  readonly perSecond: number;
  readonly size: Size;
}

async function maximumOf(
  stage: Stage,
  { server }: Entrant,
  size: Size,
  options: BenchOptions,
): Promise<number> {
  const { path, signal } = stage.components;
  const load = {
    url: server.url,
    paths: size.objects.map((object) => object.path),
    connections: CONNECTIONS,
    threads: options.loadThreads,
    seconds: options.quick === true ? 1 : 2,
  };
  const { requests, seconds } = await runWrk(
    { wrk: path('wrk'), folder: await stage.folder('memory'), signal },
    load,
  );
  return requests / seconds;
}

/** For one size: the fastest setting of each peer at half of its own maximum, and every eddy-edge at the same rate. */
async function pair(
  stage: Stage,
  entrants: readonly Entrant[],
  size: Size,
  options: BenchOptions,
): Promise<Pairing[]> {
  const maxima = new Map<Entrant, number>();
  const of = (family: string): Entrant[] => entrants.filter(({ under }) => under.family === family);
  const pairings: Pairing[] = [];
  for (const family of ['nginx', 'varnish']) {
    for (const entrant of of(family)) maxima.set(entrant, await maximumOf(stage, entrant, size, options));
    const best = of(family).sort((a, b) => (maxima.get(b) ?? 0) - (maxima.get(a) ?? 0))[0];
    if (best === undefined) continue;
    const most = maxima.get(best) ?? 0;
    const at = `${size.name} at half of ${family}'s ${Math.round(most).toLocaleString('en-US')}/s`;
    stage.components.progress(`half-load: ${at}, ${best.under.name}`);
    for (const entrant of [...of('eddy'), best])
      pairings.push({
        name: `${entrant.under.name}: ${at}`,
        family: `${entrant.under.family} ${size.name} ${family}`,
        entrant,
        perSecond: most / 2,
        size,
      });
  }
  return pairings;
}

function compared(turns: readonly Turn[], pairings: readonly Pairing[]): Comparison[] {
  return SIZES.flatMap((size) =>
    ['nginx', 'varnish'].flatMap((family) => {
      const subject = `eddy ${size.name} ${family}`;
      const both = [subject, `${family} ${size.name} ${family}`];
      const contenders = pairings
        .filter((pairing) => both.includes(pairing.family))
        .map(({ name, family, entrant: { under } }) => ({ ...under, name, family }));
      return compareFamilies(turns, contenders, { subject, metric: P99 }).map((comparison) => ({
        ...comparison,
        family: `${family}, ${size.name}`,
      }));
    }),
  );
}

const goalsOf = (comparisons: readonly Comparison[]): Goal[] =>
  comparisons.flatMap(({ family }) =>
    ratioGoal(comparisons, { metric: P99, family, limit: 1 }).map((goal) => ({
      ...goal,
      text: `p99 at half load no worse than ${family}`,
    })),
  );

export const halfLoadWorkload: EdgeWorkload = {
  name: 'half-load',
  summary: 'p99 at half of the peer’s own maximum, 1 KiB and 1 MiB, open loop',
  estimateSeconds: (options) =>
    30 + 12 * fewRounds(options).rounds * (options.seconds + options.warmUpSeconds + 1.2),
  measure: async (stage, options): Promise<WorkloadReport> => {
    const { components } = stage;
    const objects = SIZES.flatMap((size) => [...size.objects]);
    const origin = await startTinyOrigin(objects);
    stage.defer(origin.close);
    const unders = [...(await eddies(stage)), ...(await nginxes(stage)), await varnish(stage)];
    const started = await stage.start(unders, origin.port, 'memory');
    const entrants = await stage.passing(started, ({ under, server }) =>
      fillAndVerify({ name: under.name, server, originRequests: origin.requests }, objects),
    );
    const pairings: Pairing[] = [];
    for (const size of SIZES) pairings.push(...(await pair(stage, entrants, size, options)));
    const turns = await inRounds(
      stage,
      pairings,
      { workload: 'half-load', rounds: fewRounds(options).rounds, headline: P99 },
      async ({ name, entrant: { server }, perSecond, size }) => {
        const { signal, patience } = components;
        const { result, usage } = await measureTurn(
          { signal, patience, originRequests: origin.requests },
          server.pid,
          {
            load: () =>
              faultlessOpenLoop(signal, {
                port: server.port,
                objects: size.objects.map(({ path }) => ({ path, bytes: size.bytes })),
                perSecond,
                seconds: options.seconds,
                warmUpSeconds: options.warmUpSeconds,
                connections: OPEN_CONNECTIONS,
              }),
          },
        );
        onlyHits(usage, name);
        return {
          p50Ms: result.p50Ms,
          p99Ms: result.p99Ms,
          maxMs: result.maxMs,
          latenessP99Ms: result.latenessP99Ms,
          requestsPerSecond: result.requests / result.seconds,
          serverCores: usage.serverSeconds / usage.seconds,
          loadCores: usage.loadSeconds / usage.seconds,
          otherCores: usage.otherCores,
          stolenCores: usage.stolenCores,
        };
      },
    );
    const contenders = pairings.map(({ name, family, entrant: { under } }) => ({ ...under, name, family }));
    const comparisons = compared(turns, pairings);
    return {
      name: 'half-load',
      description: `requests spread evenly over time on ${OPEN_CONNECTIONS} connections, at half of what the peer's fastest setting did under wrk on ${CONNECTIONS}; memory hits`,
      headline: P99.key,
      metrics: METRICS,
      rows: summarizeTurns(turns, contenders, METRICS),
      comparisons,
      goals: goalsOf(comparisons),
      notes: [
        'latency counts from when a request was due; how late the generator itself was is part of it and given beside it; server cores include starting up and the warm-up',
      ],
      turns,
    };
  },
};
