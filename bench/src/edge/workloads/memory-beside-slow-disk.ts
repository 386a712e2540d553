import { BenchError } from '../../errors.js';
import { getWhole } from '../../load/get-whole.js';
import { openLoop } from '../../load/open-loop/open-loop.js';
import { stampedObject } from '../../origin/stamped-content.js';
import { startTinyOrigin } from '../../origin/tiny-origin.js';
import type { Metric, WorkloadReport } from '../../report/report.js';
import { compareFamilies, summarizeTurns } from '../../report/summary.js';
import { eddyEdgeServer } from '../../servers/eddy-edge.js';
import { ratioGoal } from '../goals.js';
import { measureTurn } from '../measure.js';
import { DISTURBANCE, P50 } from '../metrics.js';
import { inRounds } from '../rounds.js';
import type { Entrant } from '../stage.js';
import { fillAndVerify } from '../verify.js';
import type { EdgeWorkload } from '../workload.js';
import { fewRounds } from './closed-loop.js';

const DELAY_MS = 50;
const MEMORY = '32MiB';
const COLD_BYTES = 256 * 1024;
/** Four times what memory holds; asked for in turn, so that memory never holds the next one. */
const COLD_OBJECTS = 512;
const HOT_OBJECTS = 8;
const HOT_BYTES = 64 * 1024;
const HOT_PER_SECOND = 2000;
const COLD_PER_SECOND = 100;
/** In how many ratios of p99 a difference is none. */
const FLAT = 1.2;

const P99: Metric = { key: 'p99Ms', label: 'memory p99', unit: 'ms', better: 'lower' };
const METRICS: readonly Metric[] = [
  P99,
  { ...P50, label: 'memory p50' },
  { key: 'maxMs', label: 'memory max', unit: 'ms', better: 'lower' },
  { key: 'diskP50Ms', label: 'disk p50', unit: 'ms', better: 'lower' },
  { key: 'latenessP99Ms', label: 'generator late p99', unit: 'ms', better: 'lower' },
  ...DISTURBANCE,
];

/** Throws BenchError `cannot-measure` unless a read from disk takes its time: the delay is only for tests. */
async function provesDelay({ under, server }: Entrant, path: string): Promise<void> {
  const started = performance.now();
  await getWhole(server.url + path);
  const took = performance.now() - started;
  if (took >= DELAY_MS) return;
  throw new BenchError(
    'cannot-measure',
    `${under.name} answered from disk in ${took.toFixed(1)} ms although EDDY_TEST_DISK_DELAY_MS=${DELAY_MS}: nothing delays its disk`,
  );
}

export const memoryBesideSlowDiskWorkload: EdgeWorkload = {
  name: 'memory-beside-slow-disk',
  summary: `p99 of memory hits while each read from disk takes ${DELAY_MS} ms (eddy-edge with and without)`,
  estimateSeconds: (options) =>
    15 + 2 * fewRounds(options).rounds * (options.seconds + options.warmUpSeconds + 1.5),
  measure: async (stage, options): Promise<WorkloadReport> => {
    const { components } = stage;
    const { signal, patience } = components;
    const hot = Array.from({ length: HOT_OBJECTS }, (_, index) =>
      stampedObject(`/hot/${index}.m4s`, HOT_BYTES),
    );
    const cold = Array.from({ length: COLD_OBJECTS }, (_, index) =>
      stampedObject(`/cold/${index}.m4s`, COLD_BYTES),
    );
    const origin = await startTinyOrigin([...hot, ...cold]);
    stage.defer(origin.close);
    const tiers = { memory: MEMORY, disk: '2GiB' };
    const env = { EDDY_TEST_DISK_DELAY_MS: String(DELAY_MS) };
    const entrants = await stage.start(
      [
        await eddyEdgeServer({ ...tiers, label: `disk reads ${DELAY_MS} ms late`, env }),
        await eddyEdgeServer({ ...tiers, label: 'disk as it is', family: 'eddy with its disk as it is' }),
      ],
      origin.port,
      'disk',
    );
    for (const { under, server } of entrants) {
      const asked = { name: under.name, server, originRequests: origin.requests };
      await fillAndVerify(asked, cold, { atOnce: 32, fills: 3 });
      await fillAndVerify(asked, hot);
    }
    const [slow] = entrants;
    if (entrants.length < 2 || slow === undefined)
      throw new BenchError('cannot-measure', 'eddy-edge does not start with a disk tier');
    await provesDelay(slow, cold[0]?.path ?? '');
    const named = entrants.map((entrant) => ({ ...entrant, name: entrant.under.name }));
    const turns = await inRounds(
      stage,
      named,
      { workload: 'memory-beside-slow-disk', rounds: fewRounds(options).rounds, headline: P99 },
      async ({ name, server: { port, pid } }) => {
        const common = { port, seconds: options.seconds, warmUpSeconds: Math.max(1, options.warmUpSeconds) };
        const { result, usage } = await measureTurn(
          { signal, patience, originRequests: origin.requests },
          pid,
          {
            load: () =>
              Promise.all([
                openLoop(signal, {
                  ...common,
                  objects: hot.map(({ path }) => ({ path, bytes: HOT_BYTES })),
                  perSecond: HOT_PER_SECOND,
                  connections: 64,
                  verify: true,
                }),
                openLoop(signal, {
                  ...common,
                  objects: cold.map(({ path }) => ({ path, bytes: COLD_BYTES })),
                  perSecond: COLD_PER_SECOND,
                  connections: 200,
                }),
              ]),
          },
        );
        const [memory, disk] = result;
        const failed = memory.failed + disk.failed;
        if (failed > 0)
          throw new BenchError(
            'load-failed',
            `${failed} requests failed: ${memory.firstFailure ?? disk.firstFailure}`,
          );
        if (usage.originRequests > 0)
          throw new BenchError('not-a-hit', `${name} asked its origin ${usage.originRequests} times`);
        return {
          p99Ms: memory.p99Ms,
          p50Ms: memory.p50Ms,
          maxMs: memory.maxMs,
          diskP50Ms: disk.p50Ms,
          latenessP99Ms: memory.latenessP99Ms,
          otherCores: usage.otherCores,
          stolenCores: usage.stolenCores,
        };
      },
    );
    const contenders = entrants.map(({ under }) => under);
    const comparisons = compareFamilies(turns, contenders, { subject: 'eddy', metric: P99 });
    return {
      name: 'memory-beside-slow-disk',
      description: `${HOT_PER_SECOND} memory hits of 64 KiB a second beside ${COLD_PER_SECOND} hits of 256 KiB a second on disk, open loop`,
      headline: P99.key,
      metrics: METRICS,
      rows: summarizeTurns(turns, contenders, METRICS),
      comparisons,
      goals: ratioGoal(comparisons, { metric: P99, limit: FLAT }).map((goal) => ({
        ...goal,
        text: `memory p99 flat (at most ${FLAT}x) while the disk takes ${DELAY_MS} ms a read`,
      })),
      notes: ['nginx is not beside it: its disk cannot be slowed down without slowing the machine'],
      turns,
    };
  },
};
