import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../../bench.js';
import { BenchError } from '../../errors.js';
import { getWhole } from '../../load/get-whole.js';
import { type CountingOrigin, startCountingOrigin } from '../../origin/counting-origin.js';
import { stampedContent } from '../../origin/stamped-content.js';
import { runForked } from '../../process/forked.js';
import { killTree } from '../../process/kill-tree.js';
import type { Goal, Metric, Turn, WorkloadReport } from '../../report/report.js';
import { summarizeTurns } from '../../report/summary.js';
import type { ServerUnderTest } from '../../servers/server.js';
import { type FetchManyPlan, type FetchManyResult, pathOf } from '../clients/fetch-many.js';
import { eddies, oneNginx } from '../line-up.js';
import { inRounds } from '../rounds.js';
import type { Stage } from '../stage.js';
import { survivorsOf } from '../survivors.js';
import type { EdgeWorkload } from '../workload.js';

const CLIENT = new URL('../clients/fetch-many-client.js', import.meta.url);
const BYTES = 64 * 1024;
const CONNECTIONS = 32;
const MEMORY = '64MiB';
/** Finished this long before the kill, an object has to be there afterwards. */
const SETTLE_MS = 1000;
/** How long after its first answer a server may still read its index before it is asked for everything. */
const INDEX_MS = 3000;
const ROUNDS = 2;

interface Size {
  readonly writes: number;
  readonly killAt: number;
  readonly perSecond: number;
}
const FULL: Size = { writes: 10_000, killAt: 7_500, perSecond: 2000 };
const QUICK: Size = { writes: 1_000, killAt: 750, perSecond: 400 };
const sizeOf = ({ quick }: BenchOptions): Size => (quick === true ? QUICK : FULL);

const SURVIVED: Metric = {
  key: 'settledShare',
  label: 'finished, still hit',
  unit: 'share',
  better: 'higher',
};
const METRICS: readonly Metric[] = [
  SURVIVED,
  { key: 'finishedShare', label: 'to the last ms', unit: 'share', better: 'higher' },
  { key: 'wrong', label: 'wrong answers', unit: 'count', better: 'lower' },
  { key: 'firstAnswerSeconds', label: 'first answer', unit: 's', better: 'lower' },
  { key: 'settled', label: 'finished', unit: 'count', better: 'higher' },
  { key: 'finished', label: 'of them to the last ms', unit: 'count', better: 'higher', detail: true },
  { key: 'refused', label: 'refused after', unit: 'count', better: 'lower' },
];

async function killedOnce(
  stage: Stage,
  origin: CountingOrigin,
  under: ServerUnderTest,
  { size, prefix }: { readonly size: Size; readonly prefix: string },
): Promise<Record<string, number> | undefined> {
  const { signal } = stage.components;
  const folder = await stage.folder('disk');
  const victim = await stage.startIn(under, origin.port, folder);
  if (victim === undefined) return undefined;
  const plan = (port: number, indices: readonly number[], perSecond: number): FetchManyPlan => ({
    port,
    prefix,
    indices,
    bytes: BYTES,
    connections: CONNECTIONS,
    perSecond,
    tellEvery: 50,
  });
  let killing: Promise<void> | undefined;
  let killedMs = 0;
  const written = await runForked<FetchManyResult>(
    CLIENT,
    plan(victim.port, [...Array(size.writes).keys()], size.perSecond),
    {
      signal,
      timeoutMs: 60_000,
      onMessage: (message) => {
        const whole = typeof message === 'object' && message !== null ? Reflect.get(message, 'whole') : 0;
        if (killing !== undefined || typeof whole !== 'number' || whole < size.killAt) return;
        killedMs = Date.now();
        killing = killTree(victim.pid);
      },
    },
  );
  await killing;
  if (killing === undefined || written.whole.length >= size.writes)
    throw new BenchError(
      'load-failed',
      `${under.name} had served ${written.whole.length} of ${size.writes} when it should have been killed amid them: ${written.firstFailure}`,
    );
  const indices = written.whole.map(([index]) => index);
  const asked = new Map(indices.map((index) => [index, origin.requestsOf(pathOf(prefix, index))]));
  const started = performance.now();
  const server = await stage.startIn(under, origin.port, folder);
  if (server === undefined)
    throw new BenchError('crashed', `${under.name} does not start again after kill -9`);
  const first = await getWhole(server.url + pathOf(prefix, indices[0] ?? 0), server.ca);
  const firstAnswerSeconds = (performance.now() - started) / 1000;
  if (first.status !== 200)
    throw new BenchError('wrong-answer', `${under.name} answers ${first.status} after kill -9`);
  await sleep(INDEX_MS, undefined, { signal });
  const read = await runForked<FetchManyResult>(CLIENT, plan(server.port, indices, 5000), {
    signal,
    timeoutMs: 60_000,
  });
  const survival = survivorsOf(
    written.whole,
    { killedMs, settleMs: SETTLE_MS },
    (index) => origin.requestsOf(pathOf(prefix, index)) === asked.get(index),
  );
  await server.stop();
  return {
    settledShare: survival.settledHits / Math.max(1, survival.settled),
    finishedShare: survival.finishedHits / Math.max(1, survival.finished),
    wrong: written.wrong + read.wrong,
    firstAnswerSeconds,
    settled: survival.settled,
    finished: survival.finished,
    refused: read.failed,
  };
}

function goalsOf(turns: readonly Turn[], ours: readonly string[]): Goal[] {
  const own = turns.filter(({ contender }) => ours.includes(contender)).map(({ values }) => values);
  if (own.length === 0) return [];
  const worst = (key: string, pick: (...values: number[]) => number): number =>
    pick(...own.map((values) => values[key] ?? 0));
  const [wrong, share, first] = [
    worst('wrong', Math.max),
    worst('settledShare', Math.min),
    worst('firstAnswerSeconds', Math.max),
  ];
  return [
    { text: 'no wrong byte', measured: `${wrong} wrong answers`, met: wrong === 0 },
    {
      text: 'at least 99% of finished objects still hit',
      measured: `${(share * 100).toFixed(2)}% at worst`,
      met: share >= 0.99,
    },
    { text: 'answering within 2 s', measured: `${first.toFixed(2)} s at worst`, met: first <= 2 },
  ];
}

export const kill9Workload: EdgeWorkload = {
  name: 'kill-9',
  summary: 'kill -9 amid 10,000 writes to disk, restart: wrong bytes, what still hits, first answer',
  estimateSeconds: (options) => Math.min(ROUNDS, options.rounds) * 3 * (options.quick === true ? 9 : 15),
  measure: async (stage, options): Promise<WorkloadReport> => {
    const size = sizeOf(options);
    const origin = await startCountingOrigin((path) => ({
      contentType: 'video/mp4',
      body: stampedContent(path, BYTES),
      cacheControl: 'public, max-age=86400',
    }));
    stage.defer(origin.close);
    const all = [
      ...(await eddies(stage, { memory: MEMORY, disk: '4GiB' })),
      await oneNginx(stage, { cacheSize: '4g' }),
    ];
    let run = 0;
    const turns = await inRounds(
      stage,
      all,
      { workload: 'kill-9', rounds: Math.min(ROUNDS, options.rounds), headline: SURVIVED },
      (under) => killedOnce(stage, origin, under, { size, prefix: `/kill/${run++}/` }),
    );
    const ours = all.filter(({ family }) => family === 'eddy').map(({ name }) => name);
    return {
      name: 'kill-9',
      description: `${size.writes} objects of 64 KiB filled at ${size.perSecond} a second, every process killed with SIGKILL after ${size.killAt}, started again in the same folder`,
      headline: SURVIVED.key,
      metrics: METRICS,
      rows: summarizeTurns(turns, all, METRICS),
      comparisons: [],
      goals: goalsOf(turns, ours),
      notes: [
        `finished: a client had the whole object ${SETTLE_MS / 1000} s or more before the kill ("to the last ms": at any time before it). Still hit: the restarted server gives it without asking the origin, ${INDEX_MS / 1000} s after its first answer. First answer: from starting the process to the last byte of a finished object. Every byte of every answer before and after is compared; the machine itself goes on, so what the kernel had taken is on disk`,
      ],
      turns,
    };
  },
};
