import type { Bench, BenchComponents, BenchOptions } from '../bench.js';
import { selectByName } from '../edge/selection.js';
import { BenchError } from '../errors.js';
import { describeMachine } from '../machine/machine.js';
import type { Contender, Report, Turn, Unmeasured, WorkloadReport } from '../report/report.js';
import { compareFamilies, summarizeTurns } from '../report/summary.js';
import { P2P_MEDIA_LOADER_VERSION, SWARM_CONTENDERS, type SwarmContender } from './contenders.js';
import { swarmGoals } from './goals.js';
import { CLIP_SECONDS, makeFootage } from './media/footage.js';
import { cacheFolder, installPeers } from './media/peer-packages.js';
import { swarmMethod } from './method.js';
import { EDGE_PER_PLAYED, SWARM_METRICS } from './metrics.js';
import { runInNamespace } from './run-in-namespace.js';
import { SWARM_SCENARIOS, type SwarmScenario, watchSeconds } from './scenarios.js';

const QUICK_SECONDS = 15;
/** Less of the machine than this left idle, and pages were late because of it. */
const SATURATED_IDLE = 0.1;

const VERSIONS: Readonly<Record<string, string>> = {
  'hls.js': 'hls.js 1.7.4',
  'p2p-media-loader': `p2p-media-loader ${P2P_MEDIA_LOADER_VERSION} with hls.js 1.7.4`,
  eddy: 'this tree with hls.js 1.7.4',
};

function asContender({ name, family, setting }: SwarmContender): Contender {
  return { name, family, setting, version: VERSIONS[family] ?? '' };
}

function estimateSeconds(scenario: SwarmScenario, seconds: number): number {
  return scenario.joinWithinSeconds + watchSeconds(scenario, seconds, CLIP_SECONDS) + 10;
}

function reportOf(
  scenario: SwarmScenario,
  turns: readonly Turn[],
  contenders: readonly Contender[],
): WorkloadReport {
  return {
    name: scenario.name,
    description: scenario.summary,
    headline: EDGE_PER_PLAYED.key,
    rows: summarizeTurns(turns, contenders, SWARM_METRICS),
    comparisons: compareFamilies(turns, contenders, { subject: 'eddy', metric: EDGE_PER_PLAYED }),
    goals: swarmGoals(scenario.name, turns),
    turns,
  };
}

async function run({ progress, signal }: BenchComponents, options: BenchOptions): Promise<Report> {
  if (process.platform !== 'linux')
    throw new BenchError('not-linux', 'this bench needs network namespaces, so it runs on Linux only');
  const started = new Date();
  const scenarios = selectByName(SWARM_SCENARIOS, options.only, 'scenario');
  const chosen = selectByName(SWARM_CONTENDERS, options.contenders, 'contender');
  const contenders = chosen.map(asContender);
  const seconds = options.quick === true ? QUICK_SECONDS : options.seconds;
  const footage = await makeFootage(cacheFolder());
  const peers = await installPeers(cacheFolder());
  const estimate = scenarios.reduce((sum, scenario) => sum + estimateSeconds(scenario, seconds), 0);
  progress(
    `${scenarios.map(({ name }) => name).join(', ')}: about ${Math.ceil((estimate * chosen.length * options.rounds) / 60)} min`,
  );
  const turns = new Map<string, Turn[]>();
  const unmeasured: Unmeasured[] = [];
  await runInNamespace(
    {
      scenarios: scenarios.map(({ name }) => name),
      contenders: chosen.map(({ name }) => name),
      rounds: options.rounds,
      seconds,
      footage,
      peers,
      ...(options.keep === undefined ? {} : { keep: options.keep }),
    },
    {
      signal,
      onNews: (news) => {
        if (news.type === 'progress') progress(news.line);
        else if (news.type === 'failed') {
          progress(`${news.what}: ${news.reason}`);
          unmeasured.push({ what: news.what, reason: news.reason });
        } else {
          const { scenario, contender, round, figures } = news;
          const { offload = 0, edgePerPlayed = 0, stalled = 0, latency, idle = 0 } = figures;
          progress(
            `  offload ${(100 * offload).toFixed(1)}%, edge/played ${edgePerPlayed.toFixed(3)}, stalled ${(100 * stalled).toFixed(2)}%,${latency === undefined ? '' : ` ${latency.toFixed(1)} s behind,`} ${(100 * idle).toFixed(0)}% idle`,
          );
          turns.set(scenario, [...(turns.get(scenario) ?? []), { round, contender, values: figures }]);
        }
      },
    },
  );
  const all = [...turns.values()].flat();
  const saturated = all.filter(({ values }) => (values.idle ?? 1) < SATURATED_IDLE).length;
  return {
    schema: 1,
    bench: 'swarm',
    title: 'Eddy beside hls.js alone and p2p-media-loader, 8 real pages',
    startedAt: started.toISOString(),
    durationSeconds: Math.round((Date.now() - started.getTime()) / 1000),
    machine: await describeMachine(),
    method: swarmMethod({ rounds: options.rounds, seconds }),
    contenders,
    metrics: SWARM_METRICS,
    workloads: scenarios.map((scenario) => reportOf(scenario, turns.get(scenario.name) ?? [], contenders)),
    warnings: [
      ...(options.quick === true ? ['this was a quick look: not a result.'] : []),
      ...(saturated > 0
        ? [`in ${saturated} of ${all.length} turns this machine had less than 10% of its time to spare.`]
        : []),
    ],
    unmeasured,
  };
}

export const swarmBench: Bench = {
  name: 'swarm',
  summary: 'viewers in real browsers, beside hls.js alone and p2p-media-loader',
  workloads: SWARM_SCENARIOS,
  defaults: { rounds: 1, seconds: 60 },
  run,
};
