import type { BenchOptions } from '../../bench.js';
import { type LoadOrder, runWrk } from '../../load/wrk.js';
import type { OriginObject } from '../../origin/content.js';
import { startTinyOrigin } from '../../origin/tiny-origin.js';
import type { Comparison, Goal, Metric, WorkloadReport } from '../../report/report.js';
import { compareFamilies, summarizeTurns } from '../../report/summary.js';
import type { ServerUnderTest } from '../../servers/server.js';
import { measureTurn } from '../measure.js';
import { CPU_PER_REQUEST, METRICS } from '../metrics.js';
import { inRounds } from '../rounds.js';
import type { Entrant, Stage, Where } from '../stage.js';
import { turnValues } from '../turn.js';
import { fillAndVerify, type VerifyOptions } from '../verify.js';

export const CONNECTIONS = 64;

/** Hits as fast as they go: every server under wrk, with the same objects on the same number of connections. */
export interface ClosedLoop {
  readonly name: string;
  readonly description: string;
  readonly objects: readonly OriginObject[];
  readonly objectBytes: number;
  readonly order?: LoadOrder;
  readonly headline: Metric;
  readonly where: Where;
  readonly unders: readonly ServerUnderTest[];
  readonly verify?: VerifyOptions;
  /** Between filling and measuring. */
  readonly settle?: (entrants: readonly Entrant[]) => Promise<void>;
  readonly goals: (comparisons: readonly Comparison[]) => Goal[];
  readonly notes?: readonly string[];
}

/** For what is costly: three rounds still have a middle. */
export function fewRounds(options: BenchOptions): BenchOptions {
  return { ...options, rounds: Math.min(options.rounds, 3) };
}

/** Seconds that all turns of `contenders` take, about. */
export function turnsSeconds(contenders: number, { rounds, seconds, warmUpSeconds }: BenchOptions): number {
  return contenders * (rounds * (seconds + warmUpSeconds + 0.7) + 1);
}

export async function runClosedLoop(
  stage: Stage,
  loop: ClosedLoop,
  options: BenchOptions,
): Promise<WorkloadReport> {
  const { components } = stage;
  const { path, signal } = components;
  const origin = await startTinyOrigin(loop.objects);
  stage.defer(origin.close);
  const started = await stage.start(loop.unders, origin.port, loop.where);
  const entrants = await stage.passing(started, ({ under, server }) =>
    fillAndVerify({ name: under.name, server, originRequests: origin.requests }, loop.objects, loop.verify),
  );
  components.progress(
    `${loop.name}: ${entrants.length} answer the same ${loop.objects.length} objects from their caches`,
  );
  await loop.settle?.(entrants);
  const wrk = { wrk: path('wrk'), folder: await stage.folder('memory'), signal };
  const named = entrants.map((entrant) => ({ ...entrant, name: entrant.under.name }));
  const { headline } = loop;
  const turns = await inRounds(
    stage,
    named,
    { workload: loop.name, rounds: options.rounds, headline },
    async ({ name, server }) => {
      const load = {
        url: server.url,
        paths: loop.objects.map((object) => (server.prefix ?? '') + object.path),
        order: loop.order ?? 'in-turn',
        connections: CONNECTIONS,
        threads: options.loadThreads,
      };
      const { warmUpSeconds, seconds } = options;
      const { result, usage } = await measureTurn(
        { signal, patience: components.patience, originRequests: origin.requests },
        server.pid,
        {
          ...(warmUpSeconds > 0 ? { warmUp: () => runWrk(wrk, { ...load, seconds: warmUpSeconds }) } : {}),
          load: () => runWrk(wrk, { ...load, seconds }),
        },
      );
      return { ...turnValues(result, usage, { name, objectBytes: loop.objectBytes }) };
    },
  );
  const contenders = entrants.map(({ under }) => under);
  const comparisons = [
    ...compareFamilies(turns, contenders, { subject: 'eddy', metric: headline }),
    ...compareFamilies(turns, contenders, { subject: 'eddy', metric: CPU_PER_REQUEST, settingBy: headline }),
  ];
  return {
    name: loop.name,
    description: loop.description,
    headline: headline.key,
    rows: summarizeTurns(turns, contenders, METRICS),
    comparisons,
    goals: loop.goals(comparisons),
    ...(loop.notes === undefined ? {} : { notes: loop.notes }),
    turns,
  };
}
