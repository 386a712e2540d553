import { fileURLToPath } from 'node:url';
import type { Bench, BenchComponents, BenchOptions } from '../bench.js';
import { selectByName } from '../edge/selection.js';
import { BenchError } from '../errors.js';
import { describeMachine } from '../machine/machine.js';
import { requireCommands } from '../process/commands.js';
import { runForked } from '../process/forked.js';
import type { Contender, Metric, Report, WorkloadReport } from '../report/report.js';
import { summarizeTurns } from '../report/summary.js';
import { namespaced } from '../system/netns.js';
import { systemNeeds } from '../system-needs.js';
import { judge } from './judge.js';
import type { Phase } from './phase.js';
import type { Rehearsal, RehearsalPlan } from './rehearse.js';
import { STEPS } from './steps.js';

const CLIENT = new URL('./rehearse-client.js', import.meta.url);
const SAMPLE = fileURLToPath(new URL('../../../origin/sample/eddy-360p.mp4', import.meta.url));
const PER_SECOND = 150;
/** Releases are built, eight machines booted and a dozen playbooks run. */
const AT_MOST_MS = 90 * 60_000;

const FAILED: Metric = { key: 'failed', label: 'failed', unit: 'count', better: 'lower' };
const METRICS: readonly Metric[] = [
  { key: 'seconds', label: 'playbook', unit: 's', better: 'lower' },
  { key: 'requests', label: 'requests', unit: 'count', better: 'higher' },
  FAILED,
  { key: 'p50Ms', label: 'p50', unit: 'ms', better: 'lower' },
  { key: 'p99Ms', label: 'p99', unit: 'ms', better: 'lower' },
  { key: 'maxMs', label: 'max', unit: 'ms', better: 'lower' },
  { key: 'waitSeconds', label: 'player without news', unit: 's', better: 'lower' },
];

const CONTENDERS: readonly Contender[] = [
  {
    name: 'HAProxy',
    family: 'haproxy',
    version: '',
    setting: 'asks for /readyz and media twice a second; region eu',
  },
  { name: 'nginx', family: 'nginx', version: '', setting: 'finds out as an edge stops; region us' },
];

const METHOD: readonly string[] = [
  'The playbooks, roles and release script of this repository, over SSH, on machines of their own: each has namespaces for processes, mounts, network, host name and control groups, a disk that is this machine’s with its own writes on top, systemd as process 1 and sshd. The edge runs in its hardened unit.',
  `Behind each balancer, ${PER_SECOND} requests/s as an open loop on 32 kept connections, of which a quarter are for 2 KB and the others for 60 KB: status, length and every byte are compared; a connection that is closed before an answer counts as a failure and is not tried again. Beside them ffmpeg plays a live stream without end.`,
  'Machines, balancers, origin and load share one computer, and times are those of a rehearsal: an operator’s hosts have a network between them and a computer each.',
  'Not proven here: installing balancers and Node from Debian (they are there), a real boot, TLS, a firewall between hosts.',
];

function workloadOf(phase: Phase): WorkloadReport[] {
  const step = STEPS.find(({ name }) => name === phase.name);
  if (step === undefined) return [];
  const turns = phase.load.map(({ name, requests, watched }) => ({
    round: 1,
    contender: name,
    values: {
      ...{ seconds: phase.seconds, requests: requests.sent, failed: requests.failed },
      ...{ p50Ms: requests.p50Ms, p99Ms: requests.p99Ms, maxMs: requests.maxMs },
      waitSeconds: watched.longestWaitSeconds,
    },
  }));
  return [
    {
      name: phase.name,
      description: `ansible-playbook ${step.playbook} ${step.args.join(' ')} (${phase.seconds.toFixed(0)} s)`,
      headline: FAILED.key,
      rows: summarizeTurns(turns, CONTENDERS, METRICS),
      comparisons: [],
      goals: judge(step, phase),
      turns,
    },
  ];
}

/** What a rehearsal came to. */
export function rehearsalReport(
  { phases }: Rehearsal,
  run: Pick<Report, 'startedAt' | 'durationSeconds' | 'machine'>,
): Report {
  return {
    schema: 1,
    bench: 'rollout',
    title: 'Install, upgrade, roll back, fail and grow under load',
    ...run,
    method: METHOD,
    contenders: CONTENDERS,
    metrics: METRICS,
    workloads: phases.flatMap(workloadOf),
    warnings: [],
  };
}

async function run({ progress, signal }: BenchComponents, { keep, only }: BenchOptions): Promise<Report> {
  const started = new Date();
  await requireCommands(await systemNeeds('rollout'));
  if (process.getuid?.() !== 0)
    throw new BenchError('cannot-measure', 'machines with a systemd of their own take root: run it as root');
  const within = await namespaced({ command: process.execPath, args: [] });
  if (within === undefined)
    throw new BenchError('cannot-measure', 'this machine lets nobody make network namespaces');
  const releases = process.env.BENCH_ROLLOUT_RELEASES;
  const plan: RehearsalPlan = {
    ...{ sample: SAMPLE, perSecond: PER_SECOND },
    ...(releases === undefined ? {} : { releases }),
    ...(keep === undefined ? {} : { keep }),
    ...(only === undefined ? {} : { only: selectByName(STEPS, only, 'step').map(({ name }) => name) }),
  };
  const rehearsal = await runForked<Rehearsal>(CLIENT, plan, {
    ...{ signal, within, timeoutMs: AT_MOST_MS, killSignal: 'SIGTERM' },
    onMessage: (line) => progress(String(line)),
  });
  return rehearsalReport(rehearsal, {
    startedAt: started.toISOString(),
    durationSeconds: Math.round((Date.now() - started.getTime()) / 1000),
    machine: await describeMachine(),
  });
}

export const rolloutBench: Bench = {
  name: 'rollout',
  summary: 'the playbooks on machines of their own, under load: install, upgrade, roll back, fail, grow',
  workloads: STEPS.map(({ name, playbook }) => ({ name, summary: playbook })),
  defaults: { rounds: 1, seconds: 1 },
  run,
};
