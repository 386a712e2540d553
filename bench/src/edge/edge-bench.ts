import { cpus } from 'node:os';
import type { Bench, BenchComponents, BenchOptions } from '../bench.js';
import { BenchError } from '../errors.js';
import { describeMachine } from '../machine/machine.js';
import { Patience } from '../machine/quiet.js';
import { Cleanup } from '../process/cleanup.js';
import { findCommand, outputOf, requireCommands } from '../process/commands.js';
import { temporaryFolder } from '../process/folder.js';
import type { Contender, Report, Unmeasured, WorkloadReport } from '../report/report.js';
import { systemNeeds } from '../system-needs.js';
import { DISTURBED_CORES } from './measure.js';
import { method } from './method.js';
import { METRICS } from './metrics.js';
import { profileEdge } from './profile/profile-edge.js';
import { selectByName } from './selection.js';
import { Stage, type StageComponents } from './stage.js';
import type { EdgeWorkload } from './workload.js';
import { EDGE_WORKLOADS } from './workloads/index.js';

interface Seen {
  readonly reports: WorkloadReport[];
  readonly contenders: Map<string, Contender>;
  readonly unmeasured: Unmeasured[];
}

function warningsOf(reports: readonly WorkloadReport[], { quick = false }: BenchOptions): string[] {
  const turns = reports.flatMap((report) => report.turns);
  const count = (key: string, limit: number): number =>
    turns.filter(({ values }) => (values[key] ?? 0) > limit).length;
  const [disturbed, stolen] = [count('otherCores', DISTURBED_CORES), count('stolenCores', DISTURBED_CORES)];
  return [
    ...(quick ? ['this was a quick look with little work in one short round: not a result.'] : []),
    ...(disturbed > 0
      ? [`${disturbed} of ${turns.length} turns were disturbed by other work on this machine.`]
      : []),
    ...(stolen > 0
      ? [`in ${stolen} of ${turns.length} turns the hypervisor gave this machine's time to others.`]
      : []),
  ];
}

/** One workload; what it cannot measure is noted, so that the others still are. */
async function measureOne(
  components: StageComponents,
  workload: EdgeWorkload,
  options: BenchOptions,
  seen: Seen,
): Promise<void> {
  const stage = new Stage(components, { workload: workload.name, cores: cpus().length });
  const started = performance.now();
  try {
    seen.reports.push(await workload.measure(stage, options));
  } catch (error) {
    if (components.signal.aborted || !(error instanceof BenchError)) throw error;
    seen.unmeasured.push({ what: workload.name, reason: `${error.message} (${error.code})` });
    components.progress(`${workload.name}: ${error.message} (${error.code})`);
  } finally {
    seen.unmeasured.push(...stage.unmeasured);
    // One name has other settings in other workloads.
    for (const contender of stage.contenders) seen.contenders.set(JSON.stringify(contender), contender);
    await stage.end();
  }
  components.progress(`${workload.name}: took ${Math.round((performance.now() - started) / 1000)} s`);
}

async function run({ progress, signal }: BenchComponents, options: BenchOptions): Promise<Report> {
  if (process.platform !== 'linux')
    throw new BenchError('not-linux', 'this bench reads /proc, so it runs on Linux only');
  const started = new Date();
  const chosen = selectByName(EDGE_WORKLOADS, options.only);
  const path = await requireCommands(await systemNeeds('edge'));
  const cores = cpus().length;
  const estimate = chosen.reduce((sum, workload) => sum + workload.estimateSeconds(options, cores), 0);
  progress(
    `${chosen.map(({ name }) => name).join(', ')}: about ${Math.ceil(estimate / 60)} min, and at most ${options.patienceSeconds} s more to wait for quiet`,
  );
  const cleanup = new Cleanup();
  try {
    const folder = await temporaryFolder();
    cleanup.add(folder.remove);
    const patience = new Patience(options.patienceSeconds * 1000);
    const components = { progress, signal, path, patience, memoryFolder: folder.path };
    const seen: Seen = { reports: [], contenders: new Map(), unmeasured: [] };
    for (const workload of chosen) await measureOne(components, workload, options, seen);
    return {
      schema: 1,
      bench: 'edge',
      title: 'eddy-edge beside nginx proxy_cache and Varnish',
      startedAt: started.toISOString(),
      durationSeconds: Math.round((Date.now() - started.getTime()) / 1000),
      machine: await describeMachine(),
      method: method(options, { wrk: await wrkVersion(path('wrk')), inMemory: folder.inMemory }),
      contenders: [...seen.contenders.values()],
      metrics: METRICS,
      workloads: seen.reports,
      warnings: warningsOf(seen.reports, options),
      unmeasured: seen.unmeasured,
    };
  } finally {
    await cleanup.run();
  }
}

/** wrk prints its version only together with its usage, and then fails. */
async function wrkVersion(wrk: string): Promise<string> {
  const dpkg = await findCommand('dpkg-query');
  if (dpkg !== undefined) {
    const version = await outputOf(dpkg, ['-W', '-f', '$' + '{Version}', 'wrk']).catch(() => '');
    if (version !== '') return `wrk ${version}`;
  }
  return wrk.endsWith('wrk') ? 'wrk' : wrk;
}

export const edgeBench: Bench = {
  name: 'edge',
  summary: 'everything the edge promises, beside nginx proxy_cache and Varnish',
  workloads: EDGE_WORKLOADS,
  run,
  profile: profileEdge,
};
