import type { BenchOptions } from '../../bench.js';
import { BenchError } from '../../errors.js';
import { openFileLimit } from '../../machine/limits.js';
import { type TreeMemory, watchMemory } from '../../machine/memory.js';
import { startCountingOrigin } from '../../origin/counting-origin.js';
import { type LiveShape, liveAnswer } from '../../origin/live-window.js';
import { stampedContent } from '../../origin/stamped-content.js';
import { runForked } from '../../process/forked.js';
import { formatValue } from '../../report/render.js';
import type { Goal, Metric, Turn, WorkloadReport } from '../../report/report.js';
import { summarizeTurns } from '../../report/summary.js';
import type { LivePlan, LiveResult } from '../clients/watch-live.js';
import { eddies, oneNginx, varnish } from '../line-up.js';
import { measureTurn } from '../measure.js';
import { memoryLimit, sayMemoryLimit } from '../memory-limit.js';
import { CPU_PER_REQUEST, DISTURBANCE, LOAD_CORES, SERVER_CORES } from '../metrics.js';
import { inRounds } from '../rounds.js';
import type { Entrant } from '../stage.js';
import type { EdgeWorkload } from '../workload.js';

const CLIENT = new URL('../clients/live-client.js', import.meta.url);
const PERIOD_MS = 4000;
/** A generator that is later than this measures itself. */
const LATE_MS = 50;
const CACHE_MIB = 256;
const SLOW_PATH = '/vod/large.m4s';
const SLOW_BYTES = 8 * 2 ** 20;
const SHAPE: Omit<LiveShape, 'startMs'> = {
  channels: 40,
  segmentMs: 4000,
  segmentBytes: 256 * 1024,
  window: 20,
};

interface Size {
  readonly viewers: number;
  readonly slowReaders: number;
  /** For eddy-edge; peers are only beside it, for the scale. */
  readonly seconds: number;
  readonly peerSeconds: number;
}
const FULL: Size = { viewers: 8000, slowReaders: 100, seconds: 40, peerSeconds: 12 };
const QUICK: Size = { viewers: 800, slowReaders: 10, seconds: 4, peerSeconds: 4 };
const sizeOf = ({ quick }: BenchOptions): Size => (quick === true ? QUICK : FULL);

const FAILED: Metric = { key: 'failed', label: 'errors', unit: 'count', better: 'lower' };
const RESIDENT: Metric = { key: 'residentBytes', label: 'resident', unit: 'bytes', better: 'lower' };
const METRICS: readonly Metric[] = [
  FAILED,
  { key: 'requestsPerSecond', label: 'requests', unit: 'requests/s', better: 'higher' },
  { key: 'playlistP99Ms', label: 'playlist p99', unit: 'ms', better: 'lower' },
  { key: 'segmentP99Ms', label: 'segment p99', unit: 'ms', better: 'lower' },
  RESIDENT,
  { key: 'limitBytes', label: 'may hold', unit: 'bytes', better: 'lower' },
  CPU_PER_REQUEST,
  SERVER_CORES,
  LOAD_CORES,
  { key: 'originRequests', label: 'origin requests', unit: 'count', better: 'lower' },
  { key: 'latenessP99Ms', label: 'generator late p99', unit: 'ms', better: 'lower' },
  { key: 'processes', label: 'processes', unit: 'count', better: 'lower', detail: true },
  ...DISTURBANCE,
];

function goalsOf(turns: readonly Turn[], ours: readonly string[]): Goal[] {
  return turns
    .filter(({ contender }) => ours.includes(contender))
    .flatMap(({ contender, values: { failed = 0, residentBytes = 0, limitBytes = 0 } }) => [
      { text: `no error (${contender})`, measured: `${failed}`, met: failed === 0 },
      {
        text: `resident memory at most ${formatValue(limitBytes, 'bytes')} (${contender})`,
        measured: formatValue(residentBytes, 'bytes'),
        met: residentBytes <= limitBytes,
      },
    ]);
}

export const liveWorkload: EdgeWorkload = {
  name: 'live',
  summary: '8,000 viewers on kept connections, playlist and segment each 4 s, with errors and memory',
  estimateSeconds: (options) => {
    const { seconds, peerSeconds } = sizeOf(options);
    return 2 * (seconds + 14) + 2 * (peerSeconds + 14);
  },
  measure: async (stage, options): Promise<WorkloadReport> => {
    const { components } = stage;
    const { signal, patience } = components;
    const size = sizeOf(options);
    const connections = size.viewers + size.slowReaders;
    const files = await openFileLimit();
    if (files < connections + 500)
      throw new BenchError(
        'cannot-measure',
        `needs ${connections + 500} open files, may open ${files}: ulimit -n`,
      );
    const shape: LiveShape = { ...SHAPE, startMs: Date.now() - 100_000 };
    const origin = await startCountingOrigin((target) =>
      target === SLOW_PATH
        ? {
            contentType: 'video/mp4',
            body: stampedContent(target, SLOW_BYTES),
            cacheControl: 'public, max-age=3600',
          }
        : liveAnswer(shape, target, Date.now()),
    );
    stage.defer(origin.close);
    const unders = [
      ...(await eddies(stage, { memory: `${CACHE_MIB}MiB` })),
      await oneNginx(stage, { connections: connections + 2000 }),
      await varnish(stage),
    ];
    const entrants = await stage.start(unders, origin.port, 'memory');
    const named = entrants.map((entrant: Entrant) => ({ ...entrant, name: entrant.under.name }));
    const notes: string[] = [];
    const turns = await inRounds(
      stage,
      named,
      { workload: 'live', rounds: 1, headline: RESIDENT },
      async ({ name, under, server: { port, pid } }) => {
        const plan: LivePlan = {
          port,
          shape,
          viewers: size.viewers,
          periodMs: PERIOD_MS,
          seconds: under.family === 'eddy' ? size.seconds : size.peerSeconds,
          slowReaders: size.slowReaders,
          slowPath: SLOW_PATH,
          drainMs: 3000,
        };
        const { result, usage } = await measureTurn(
          { signal, patience, originRequests: origin.requests },
          pid,
          {
            repeatable: false,
            load: async (): Promise<LiveResult & { peak: TreeMemory }> => {
              const watch = watchMemory(pid, 1000);
              try {
                const seen = await runForked<LiveResult>(CLIENT, plan, {
                  signal,
                  timeoutMs: plan.seconds * 1000 + 60_000,
                });
                return { ...seen, peak: await watch.stop() };
              } finally {
                await watch.stop();
              }
            },
          },
        );
        const terms = {
          cacheBytes: CACHE_MIB * 2 ** 20,
          processes: result.peak.processes,
          connections: result.connections,
        };
        if (under.family === 'eddy') notes.push(`${name} may hold ${sayMemoryLimit(terms)}`);
        if (result.firstFailure !== undefined) notes.push(`${name}, first error: ${result.firstFailure}`);
        if (result.latenessP99Ms > LATE_MS)
          notes.push(
            `${name}: the generator was up to ${formatValue(result.latenessP99Ms, 'ms')} late (p99): the machine was too busy, believe no latency of this turn`,
          );
        const loaded = plan.seconds + PERIOD_MS / 1000;
        return {
          failed: result.failed,
          requestsPerSecond: Math.max(0, result.requests - size.viewers) / loaded,
          playlistP99Ms: result.playlists.p99Ms,
          segmentP99Ms: result.segments.p99Ms,
          residentBytes: result.peak.residentBytes,
          limitBytes: memoryLimit(terms),
          cpuPerRequestUs: (usage.serverSeconds / result.requests) * 1e6,
          serverCores: usage.serverSeconds / loaded,
          loadCores: usage.loadSeconds / loaded,
          originRequests: usage.originRequests,
          latenessP99Ms: result.latenessP99Ms,
          processes: result.peak.processes,
          otherCores: usage.otherCores,
          stolenCores: usage.stolenCores,
        };
      },
    );
    const contenders = entrants.map(({ under }) => under);
    const ours = contenders.filter(({ family }) => family === 'eddy').map(({ name }) => name);
    return {
      name: 'live',
      description: `${size.viewers} viewers of ${SHAPE.channels} channels on kept connections, each a playlist and a segment of 256 KiB every ${PERIOD_MS / 1000} s, open loop; ${size.slowReaders} more never read the 8 MiB they asked for; ${size.seconds} s (peers ${size.peerSeconds} s), once`,
      headline: RESIDENT.key,
      metrics: METRICS,
      rows: summarizeTurns(turns, contenders, METRICS),
      comparisons: [],
      goals: goalsOf(turns, ours),
      notes: [
        ...notes,
        'resident: the largest sight of VmRSS summed over the processes, looked at each second. An error is another status, a wrong or missing byte, a playlist that is over a segment old, a closed connection, no answer in the end',
      ],
      turns,
    };
  },
};
