import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../../bench.js';
import { openLoop } from '../../load/open-loop/open-loop.js';
import { treeMemory } from '../../machine/memory.js';
import { readProcesses, treeOf } from '../../machine/proc.js';
import { type CountingOrigin, startCountingOrigin } from '../../origin/counting-origin.js';
import { stampedContent } from '../../origin/stamped-content.js';
import { runForked } from '../../process/forked.js';
import { formatValue } from '../../report/render.js';
import type { Goal, Metric, Turn, WorkloadReport } from '../../report/report.js';
import { compareFamilies, summarizeTurns } from '../../report/summary.js';
import { eddyEdgeServer } from '../../servers/eddy-edge.js';
import { badTokens, tokenPrefix } from '../../servers/tokens.js';
import type { AttackPlan, AttackResult } from '../clients/attack.js';
import { HOSTILE_SHAPES } from '../clients/hostile-requests.js';
import { crashesBetween } from '../crashes.js';
import { oneNginx } from '../line-up.js';
import { inRounds } from '../rounds.js';
import type { Entrant, Stage } from '../stage.js';
import type { EdgeWorkload } from '../workload.js';

const CLIENT = new URL('../clients/attack-client.js', import.meta.url);
const PREFIX = '/public';
const FORBIDDEN = '/secret/0';
const LEAK = 'LEAK-of-the-origin';
const OBJECTS = 8;
const BYTES = 64 * 1024;
const HONEST_PER_SECOND = 200;
const AT_ONCE = 100;
/** Growth in the second half that is the allocator's, not a leak. */
const GROWTH_BYTES = 32e6;

const countOf = ({ quick }: BenchOptions): number => (quick === true ? 1000 : 10_000);
const slowOf = ({ quick }: BenchOptions): number => (quick === true ? 20 : 200);
/** While 100 attack at once, each waiting for an answer that may not come. */
const secondsFor = (count: number): number => Math.ceil(4 + count / 400);

const PASSED: Metric = { key: 'passed', label: 'passed', unit: 'count', better: 'lower' };
const P99: Metric = { key: 'honestP99Ms', label: 'honest p99', unit: 'ms', better: 'lower' };
const METRICS: readonly Metric[] = [
  PASSED,
  P99,
  { key: 'calmP99Ms', label: 'before', unit: 'ms', better: 'lower' },
  { key: 'honestFailed', label: 'honest failed', unit: 'count', better: 'lower' },
  { key: 'honestMisses', label: 'honest misses', unit: 'count', better: 'lower' },
  { key: 'growthBytes', label: 'growth', unit: 'bytes', better: 'lower' },
  { key: 'laterGrowthBytes', label: 'in the second half', unit: 'bytes', better: 'lower' },
  { key: 'crashed', label: 'crashes', unit: 'count', better: 'lower' },
  { key: 'notConnected', label: 'no connection', unit: 'count', better: 'lower' },
  { key: 'slowClosed', label: 'slow heads cut', unit: 'count', better: 'higher' },
];

const objectPath = (index: number): string => `/film/${index}.m4s`;
const objects = Array.from({ length: OBJECTS }, (_, index) => ({ path: objectPath(index), bytes: BYTES }));

async function startGuardedOrigin(): Promise<CountingOrigin> {
  return await startCountingOrigin((target) => {
    const path = target.startsWith(`${PREFIX}/film/`) ? target.slice(PREFIX.length) : undefined;
    return {
      contentType: 'video/mp4',
      body: path === undefined ? Buffer.from(LEAK) : stampedContent(path, BYTES),
      cacheControl: 'public, max-age=3600',
    };
  });
}

/** Whether this leads beyond the prefix, as it stands or for whoever decodes it once more. */
function climbsOut(target: string): boolean {
  let decoded = target;
  try {
    decoded = decodeURIComponent(target);
  } catch {
    // As it stands, then.
  }
  return !/^([A-Z]+ )?\/public\/film\//.test(target) || /[/\\]\.\.([/\\;]|$)/.test(decoded);
}

/** Bad tokens in the path, and in the query; and none. */
function refusedTargets(nowMs: number): string[] {
  const tokens = Object.values(badTokens('/film', nowMs));
  const path = objectPath(0);
  return [path, ...tokens.flatMap((token) => [tokenPrefix(token) + path, `${path}?token=${token}`])];
}

const pidsOf = async (pid: number): Promise<number[]> =>
  treeOf(pid, await readProcesses()).map((process) => process.pid);

async function attacked(
  { components }: Stage,
  origin: CountingOrigin,
  { under, server }: Entrant,
  options: BenchOptions,
  say: (note: string) => void,
): Promise<Record<string, number>> {
  const { signal } = components;
  const { port, prefix = '' } = server;
  const honest = { port, prefix, objects, perSecond: HONEST_PER_SECOND, connections: 16, verify: true };
  const count = countOf(options);
  // Warm-up fills; the same honest load without attackers is what the other is compared with.
  const calm = await openLoop(signal, { ...honest, warmUpSeconds: 1, seconds: 2 });
  const asked = (): number => objects.reduce((sum, { path }) => sum + origin.requestsOf(PREFIX + path), 0);
  const [askedBefore, pids, before] = [asked(), await pidsOf(server.pid), await treeMemory(server.pid)];
  const seen = new Map(origin.targets().map((target) => [target, origin.requestsOf(target)]));
  const half = async (from: number): Promise<AttackResult> => {
    const plan: AttackPlan = {
      port,
      from,
      count: count / 2,
      atOnce: AT_ONCE,
      target: {
        prefix,
        path: prefix + objectPath(0),
        forbidden: FORBIDDEN,
        refusedTargets: prefix === '' ? [] : refusedTargets(Date.now()),
      },
      secrets: [LEAK, 'root:x:0:0'],
      maxBytes: 2 * BYTES + 16_384,
      slowSockets: slowOf(options),
    };
    return await runForked<AttackResult>(CLIENT, plan, { signal, timeoutMs: 120_000 });
  };
  const honestLoad = openLoop(signal, { ...honest, warmUpSeconds: 0, seconds: secondsFor(count) });
  const first = await half(0);
  const middle = await treeMemory(server.pid);
  const second = await half(count / 2);
  const during = await honestLoad;
  await sleep(1000, undefined, { signal });
  const after = await treeMemory(server.pid);
  const leaked = origin
    .targets()
    .filter((target) => origin.requestsOf(target) !== seen.get(target) && climbsOut(target));
  const kinds = { ...second.passed, ...first.passed };
  for (const [kind, why] of Object.entries(kinds)) say(`${under.name}, passed: ${kind}: ${why}`);
  for (const target of leaked.slice(0, 5))
    say(`${under.name}: the origin was asked for ${JSON.stringify(target)}`);
  if (during.firstFailure !== undefined) say(`${under.name}, first honest failure: ${during.firstFailure}`);
  return {
    passed: first.passedCount + second.passedCount + leaked.length,
    honestP99Ms: during.p99Ms,
    calmP99Ms: calm.p99Ms,
    honestFailed: during.failed + calm.failed,
    honestMisses: asked() - askedBefore,
    growthBytes: after.residentBytes - before.residentBytes,
    laterGrowthBytes: after.residentBytes - middle.residentBytes,
    crashed: crashesBetween(pids, await pidsOf(server.pid), { mayEnd: under.name.startsWith('nginx') }),
    notConnected: first.notConnected + second.notConnected,
    slowClosed: first.slowClosed + second.slowClosed,
  };
}

function goalsOf(turns: readonly Turn[], ours: readonly string[]): Goal[] {
  return turns
    .filter(({ contender }) => ours.includes(contender))
    .flatMap(({ contender, values }) => {
      const of = (key: string): number => values[key] ?? 0;
      const later = of('laterGrowthBytes');
      return [
        { text: `none passes (${contender})`, measured: `${of('passed')} passed`, met: of('passed') === 0 },
        { text: `no crash (${contender})`, measured: `${of('crashed')}`, met: of('crashed') === 0 },
        {
          text: `no growth: at most ${formatValue(GROWTH_BYTES, 'bytes')} in the second half (${contender})`,
          measured: formatValue(later, 'bytes'),
          met: later <= GROWTH_BYTES,
        },
        {
          text: `hits go on (${contender})`,
          measured: `${of('honestFailed')} failed, ${of('honestMisses')} missed`,
          met: of('honestFailed') === 0 && of('honestMisses') === 0,
        },
      ];
    });
}

export const hostileWorkload: EdgeWorkload = {
  name: 'hostile',
  summary: '10,000 hostile requests and slow sockets beside an honest client',
  estimateSeconds: (options) => 3 * (6 + secondsFor(countOf(options))),
  measure: async (stage, options): Promise<WorkloadReport> => {
    const origin = await startGuardedOrigin();
    stage.defer(origin.close);
    const unders = [
      await eddyEdgeServer({ originPath: PREFIX }),
      await eddyEdgeServer({ originPath: PREFIX, guarded: '/film', workers: stage.cores }),
      await oneNginx(stage, { originPath: PREFIX }),
    ];
    const entrants = await stage.start(unders, origin.port, 'memory');
    const named = entrants.map((entrant) => ({ ...entrant, name: entrant.under.name }));
    const notes: string[] = [];
    const turns = await inRounds(
      stage,
      named,
      { workload: 'hostile', rounds: 1, headline: PASSED },
      (entrant) => attacked(stage, origin, entrant, options, (note) => notes.push(note)),
    );
    const contenders = entrants.map(({ under }) => under);
    const ours = contenders.filter(({ family }) => family === 'eddy').map(({ name }) => name);
    return {
      name: 'hostile',
      description: `${countOf(options)} requests of ${HOSTILE_SHAPES} shapes, ${AT_ONCE} at once, each on its own connection, with ${2 * slowOf(options)} slow sockets, beside ${HONEST_PER_SECOND} honest memory hits of 64 KiB a second (open loop, every byte compared); once`,
      headline: PASSED.key,
      metrics: METRICS,
      rows: summarizeTurns(turns, contenders, METRICS),
      comparisons: compareFamilies(turns, contenders, { subject: 'eddy', metric: P99 }),
      goals: goalsOf(turns, ours),
      notes: [
        ...notes,
        'passed: got more than one ordinary answer, or an ordinary one where HTTP asks for a refusal, or bytes that are not to be had, or more than twice the object; or the origin was asked beyond its prefix. guarded: a quarter of the requests bring a token that is forged, expired or for something else, or none',
      ],
      turns,
    };
  },
};
