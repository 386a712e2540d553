import { BenchError } from '../../errors.js';
import { startCountingOrigin } from '../../origin/counting-origin.js';
import { stampedContent } from '../../origin/stamped-content.js';
import { runForked } from '../../process/forked.js';
import type { Goal, Metric, Turn, WorkloadReport } from '../../report/report.js';
import { compareFamilies, summarizeTurns } from '../../report/summary.js';
import type { FollowPlan, FollowResult } from '../clients/follow-cold-object.js';
import { ratioGoal } from '../goals.js';
import { eddies, oneNginx, varnish } from '../line-up.js';
import { measureTurn } from '../measure.js';
import { DISTURBANCE } from '../metrics.js';
import { inRounds } from '../rounds.js';
import type { EdgeWorkload } from '../workload.js';

const CLIENT = new URL('../clients/cold-followers-client.js', import.meta.url);
const FOLLOWERS = 300;
const BEHIND_MS = 50;
const BYTES = 2 ** 20;
const PACING = { pieces: 10, everyMs: 100 };

const FIRST_BYTE: Metric = { key: 'firstByteP99Ms', label: 'first byte p99', unit: 'ms', better: 'lower' };
const ORIGIN: Metric = { key: 'originRequests', label: 'origin requests', unit: 'count', better: 'lower' };
const METRICS: readonly Metric[] = [
  FIRST_BYTE,
  { key: 'firstByteP50Ms', label: 'first byte p50', unit: 'ms', better: 'lower' },
  { key: 'firstHeadP99Ms', label: 'head p99', unit: 'ms', better: 'lower' },
  { key: 'totalMs', label: 'all done', unit: 'ms', better: 'lower' },
  ORIGIN,
  { key: 'serverCpuMs', label: 'server CPU', unit: 'ms', better: 'lower' },
  ...DISTURBANCE,
];

function oneRequestGoal(turns: readonly Turn[], ours: readonly string[]): Goal[] {
  const counts = turns
    .filter(({ contender }) => ours.includes(contender))
    .map(({ values }) => values[ORIGIN.key] ?? 0);
  if (counts.length === 0) return [];
  const most = Math.max(...counts);
  return [
    { text: '1 origin request', measured: `at most ${most} in ${counts.length} turns`, met: most === 1 },
  ];
}

export const coldFollowersWorkload: EdgeWorkload = {
  name: 'cold-followers',
  summary: `${FOLLOWERS} clients ${BEHIND_MS} ms behind the first on a cold 1 MiB object that takes 1 s`,
  estimateSeconds: ({ rounds }) => 5 + 4 * rounds * 2.4,
  measure: async (stage, options): Promise<WorkloadReport> => {
    const { components } = stage;
    const { signal, patience } = components;
    const origin = await startCountingOrigin((path) => ({
      contentType: 'video/mp4',
      body: stampedContent(path, BYTES),
      cacheControl: 'public, max-age=3600',
      pacing: PACING,
    }));
    stage.defer(origin.close);
    const unders = [...(await eddies(stage)), await oneNginx(stage), await varnish(stage)];
    const entrants = await stage.start(unders, origin.port, 'memory');
    const named = entrants.map((entrant, index) => ({ ...entrant, name: entrant.under.name, index }));
    let object = 0;
    const turns = await inRounds(
      stage,
      named,
      { workload: 'cold-followers', rounds: options.rounds, headline: FIRST_BYTE },
      async ({ name, server: { port, pid } }) => {
        let path = '';
        const { result, usage } = await measureTurn(
          { signal, patience, originRequests: origin.requests },
          pid,
          {
            load: async () => {
              path = `/cold/${object++}.m4s`; // Each attempt has its own, or it would not be cold.
              const plan: FollowPlan = {
                port,
                path,
                bytes: BYTES,
                followers: FOLLOWERS,
                behindMs: BEHIND_MS,
                timeoutMs: 15_000,
              };
              const seen = await runForked<FollowResult>(CLIENT, plan, { signal, timeoutMs: 40_000 });
              return { ...seen, originRequests: origin.requestsOf(path) };
            },
          },
        );
        if (result.failed > 0)
          throw new BenchError(
            'load-failed',
            `${name}: ${result.failed} of ${FOLLOWERS + 1} clients were not served: ${result.firstFailure}`,
          );
        const { firstByteP99Ms, firstByteP50Ms, firstHeadP99Ms, totalMs, originRequests } = result;
        return {
          firstByteP99Ms,
          firstByteP50Ms,
          firstHeadP99Ms,
          totalMs,
          originRequests,
          serverCpuMs: usage.serverSeconds * 1000,
          otherCores: usage.otherCores,
          stolenCores: usage.stolenCores,
        };
      },
    );
    const contenders = entrants.map(({ under }) => under);
    const comparisons = compareFamilies(turns, contenders, { subject: 'eddy', metric: FIRST_BYTE });
    const ours = contenders.filter(({ family }) => family === 'eddy').map(({ name }) => name);
    return {
      name: 'cold-followers',
      description: `one client asks for an object nobody has, ${FOLLOWERS} more ask ${BEHIND_MS} ms later, at once, on open connections; the origin sends its head at once and the 1 MiB in ${PACING.pieces} pieces, one each ${PACING.everyMs} ms`,
      headline: FIRST_BYTE.key,
      metrics: METRICS,
      rows: summarizeTurns(turns, contenders, METRICS),
      comparisons,
      goals: [
        ...oneRequestGoal(turns, ours),
        ...ratioGoal(comparisons, { metric: FIRST_BYTE, family: 'varnish', limit: 1.2 }),
      ],
      notes: [
        `first byte: of the body, from when each follower asked. The first piece is there ${PACING.everyMs - BEHIND_MS} ms after they ask, so nobody can be faster than that`,
      ],
      turns,
    };
  },
};
