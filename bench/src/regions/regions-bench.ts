import type { Bench, BenchComponents, BenchOptions } from '../bench.js';
import { selectByName } from '../edge/selection.js';
import { BenchError } from '../errors.js';
import { describeMachine } from '../machine/machine.js';
import { runForked } from '../process/forked.js';
import type { Report } from '../report/report.js';
import { namespaced } from '../system/netns.js';
import { ACT_METRICS, actReport, EDDY, purgesReport, repeatGoal, returnGoal } from './figures.js';
import { FAR_ONE_WAY_MS } from './network.js';
import { ACTS, PURGES, type RegionsPlan, type RegionsResult } from './play.js';
import { regionsTables } from './tables.js';

const CLIENT = new URL('./regions-client.js', import.meta.url);
const PER_REGION = 2;
/** All acts of one round on a busy machine. */
const MOST_SECONDS = 1_500;
const ACT_NAMES = Object.keys(ACTS) as (keyof typeof ACTS)[];

const METHOD: readonly string[] = [
  `Namespaces joined by routers: in each of two regions a PoP with two eddy-edge processes (100 Mbit/s) and viewers (20 Mbit/s down, 5 up), all by tbf; origin folder, shield and nats-server (JetStream) in the middle. What viewers say to edges of the other region is relayed by their router ${FAR_ONE_WAY_MS} ms later each way, so that the players measure a difference.`,
  'Four Chromium pages with hls.js and the SDK, two in each region, watch one live stream of 2 s segments (eddy-origin live). Where a viewer is: the host that gave it its last playlist.',
  'A stall is a `waiting` of the media element after the first frame; "stood still" is what the sessions report; "slowest picture" is the progress of the viewer that came on least, of the time that passed. Watched go on for 15 s after what was waited for. Link fails: all packets of the PoP are dropped without a word. Viewers may return after a minute, or after five: so long the SDK (silent) and hls.js (failed) leave a pathway alone.',
  'Purges: the origin has a new version of an object, then POST /purge at one edge, while all edges and the shield are asked every 10 ms before, meanwhile and for 1.5 s after the answer. "absent": one edge was killed a moment before. Over HTTP nobody keeps purges, so it is asked for once more when the edge is back ("repeated").',
];

const WORKLOADS = [
  ...ACT_NAMES.map((name) => ({ name, summary: `act ${name}` })),
  ...PURGES.map((name) => ({ name, summary: 'one edge is killed, purges go on, it returns' })),
];

async function playOnce(
  played: Pick<RegionsPlan, 'acts' | 'purges'>,
  { progress, signal }: BenchComponents,
): Promise<RegionsResult> {
  const within = await namespaced({ command: process.execPath, args: [] });
  if (within === undefined)
    throw new BenchError('cannot-measure', 'this machine lets nobody make network namespaces');
  const plan: RegionsPlan = { perRegion: PER_REGION, ...played };
  return await runForked<RegionsResult>(CLIENT, plan, {
    ...{ signal, within, killSignal: 'SIGTERM', timeoutMs: MOST_SECONDS * 1000 },
    onMessage: (message) => progress(`  ${String(message)}`),
  });
}

async function run(components: BenchComponents, options: BenchOptions): Promise<Report> {
  const started = new Date();
  const names = selectByName(WORKLOADS, options.only, 'workload').map(({ name }) => name);
  const acts = ACT_NAMES.filter((name) => names.includes(name));
  const purges = PURGES.filter((name) => names.includes(name));
  const rounds = options.quick === true ? 1 : options.rounds;
  const results: RegionsResult[] = [];
  for (let round = 1; round <= rounds; round++) {
    components.progress(`round ${round} of ${rounds}`);
    results.push(await playOnce({ acts, purges }, components));
  }
  const overBus = results.flatMap(({ overBus }) => overBus ?? []);
  const overHttp = results.flatMap(({ overHttp }) => overHttp ?? []);
  return {
    schema: 1,
    bench: 'regions',
    title: 'Two regions, four edges, a shield and a bus, while parts of it fail',
    startedAt: started.toISOString(),
    durationSeconds: Math.round((Date.now() - started.getTime()) / 1000),
    machine: await describeMachine(),
    method: METHOD,
    contenders: [EDDY],
    metrics: ACT_METRICS,
    workloads: [
      ...acts.map((name) =>
        actReport(
          name,
          results.flatMap((result) => result.acts[name] ?? []),
        ),
      ),
      ...(overBus.length === 0
        ? []
        : [
            purgesReport(
              'purges-bus',
              'purges over NATS',
              overBus.map(({ returned, ...rest }) => rest),
              [returnGoal(results)],
            ),
          ]),
      ...(overHttp.length === 0
        ? []
        : [
            purgesReport(
              'purges-http',
              'purges by HTTP, without a bus',
              overHttp.map(({ returnedOld, ...rest }) => rest),
              [repeatGoal(results)],
            ),
          ]),
    ],
    warnings: [],
  };
}

export const regionsBench: Bench = {
  name: 'regions',
  summary:
    'two regions with four edges and NATS: an edge, a link and the bus fail under play; purges reach all',
  workloads: WORKLOADS,
  tables: regionsTables,
  defaults: { rounds: 1, seconds: 15 },
  run,
};
