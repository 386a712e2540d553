import { mkdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchComponents, BenchOptions } from '../bench.js';
import { BenchError } from '../errors.js';
import { describeMachine } from '../machine/machine.js';
import { Patience } from '../machine/quiet.js';
import { startTinyOrigin } from '../origin/tiny-origin.js';
import { Cleanup } from '../process/cleanup.js';
import { findCommand, outputOf, requireCommands } from '../process/commands.js';
import { temporaryFolder } from '../process/folder.js';
import { formatValue } from '../report/render.js';
import type { Report, Turn, WorkloadReport } from '../report/report.js';
import { compareFamilies, summarizeTurns } from '../report/summary.js';
import { rotation } from '../rounds/rotation.js';
import type { RunningServer, ServerUnderTest } from '../servers/server.js';
import { systemNeeds } from '../system-needs.js';
import { lineUp } from './line-up.js';
import { DISTURBED_CORES, type MeasureComponents, measureTurn } from './measure.js';
import { method } from './method.js';
import { METRICS } from './metrics.js';
import { fillAndVerify } from './verify.js';
import { type Workload, workloads } from './workloads.js';

interface Entrant {
  readonly under: ServerUnderTest;
  readonly server: RunningServer;
}

async function runWorkload(
  { progress, ...components }: MeasureComponents & Pick<BenchComponents, 'progress'>,
  entrants: readonly Entrant[],
  workload: Workload,
  options: BenchOptions,
): Promise<WorkloadReport> {
  const headline = METRICS.find(({ key }) => key === workload.headline);
  if (headline === undefined) throw new RangeError(`no metric ${workload.headline}`);
  const turns: Turn[] = [];
  for (const [index, order] of rotation(entrants, options.rounds).entries()) {
    for (const { under, server } of order) {
      const values = await measureTurn(components, { name: under.name, server }, workload, options);
      turns.push({ round: index + 1, contender: under.name, values: { ...values } });
      const figure = formatValue(values[headline.key], headline.unit);
      const disturbed =
        values.otherCores > DISTURBED_CORES ? ` (disturbed: ${values.otherCores.toFixed(2)} cores)` : '';
      progress(`${workload.name} ${index + 1}/${options.rounds}  ${under.name}: ${figure}${disturbed}`);
    }
  }
  const contenders = entrants.map(({ under }) => under);
  return {
    name: workload.name,
    description: workload.description,
    headline: workload.headline,
    rows: summarizeTurns(turns, contenders, METRICS),
    comparisons: compareFamilies(turns, contenders, { subject: 'eddy', metric: headline }),
    turns,
  };
}

function warningsOf(reports: readonly WorkloadReport[]): string[] {
  const turns = reports.flatMap((report) => report.turns);
  const count = (key: string, limit: number): number =>
    turns.filter(({ values }) => (values[key] ?? 0) > limit).length;
  const [disturbed, stolen] = [count('otherCores', DISTURBED_CORES), count('stolenCores', DISTURBED_CORES)];
  return [
    ...(disturbed > 0
      ? [`${disturbed} of ${turns.length} turns were disturbed by other work on this machine.`]
      : []),
    ...(stolen > 0
      ? [`in ${stolen} of ${turns.length} turns the hypervisor gave this machine's time to others.`]
      : []),
  ];
}

async function run({ progress, signal }: BenchComponents, options: BenchOptions): Promise<Report> {
  if (process.platform !== 'linux')
    throw new BenchError('not-linux', 'this bench reads /proc, so it runs on Linux only');
  const started = new Date();
  const path = await requireCommands(await systemNeeds('edge'));
  const cleanup = new Cleanup();
  try {
    const folder = await temporaryFolder();
    cleanup.add(folder.remove);
    const loads = workloads();
    const objects = loads.flatMap((workload) => workload.objects);
    const origin = await startTinyOrigin(objects);
    cleanup.add(origin.close);
    const entrants: Entrant[] = [];
    for (const [index, under] of (await lineUp(path, cpus().length)).entries()) {
      progress(`starting ${under.name} (${under.version})`);
      const own = join(folder.path, String(index));
      await mkdir(own);
      const server = await under.start({ originPort: origin.port, folder: own, signal });
      cleanup.add(server.stop);
      await fillAndVerify({ name: under.name, server, originRequests: origin.requests }, objects);
      entrants.push({ under, server });
    }
    progress(`all ${entrants.length} answer the same ${objects.length} objects from their caches`);
    const reports: WorkloadReport[] = [];
    const patience = new Patience(options.patienceSeconds * 1000);
    const components = { wrk: path('wrk'), folder: folder.path, signal, origin, patience, progress };
    for (const workload of loads) reports.push(await runWorkload(components, entrants, workload, options));
    return {
      schema: 1,
      bench: 'edge',
      title: 'eddy-edge beside nginx proxy_cache and Varnish: hits from memory',
      startedAt: started.toISOString(),
      durationSeconds: Math.round((Date.now() - started.getTime()) / 1000),
      machine: await describeMachine(),
      method: method(options, { wrk: await wrkVersion(path('wrk')), inMemory: folder.inMemory }),
      contenders: entrants.map(({ under: { name, family, version, setting } }) => ({
        name,
        family,
        version,
        setting,
      })),
      metrics: METRICS,
      workloads: reports,
      warnings: warningsOf(reports),
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
  summary: 'memory hits of 1 MiB segments and 1 KiB playlists, beside nginx proxy_cache and Varnish',
  run,
};
