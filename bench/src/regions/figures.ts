import type { Contender, Goal, Metric, Turn, WorkloadReport } from '../report/report.js';
import { summarizeTurns } from '../report/summary.js';
import type { ActName, PlayedAct, RegionsResult } from './play.js';
import type { PurgeResult } from './purges.js';

export const EDDY: Contender = {
  ...{ name: 'eddy', family: 'eddy', version: 'this tree' },
  setting: 'four edges in two regions, a shield, NATS with JetStream; steered every 4 s',
};

export const ACT_METRICS: readonly Metric[] = [
  { key: 'tookSeconds', label: 'took', unit: 's', better: 'lower' },
  { key: 'stalls', label: 'stalls', unit: 'count', better: 'lower' },
  { key: 'stalledSeconds', label: 'stood still', unit: 's', better: 'lower' },
  { key: 'slowest', label: 'slowest picture', unit: 'share', better: 'higher' },
  { key: 'peerShare', label: 'from viewers', unit: 'share', better: 'higher' },
  { key: 'problems', label: 'problems', unit: 'count', better: 'lower' },
  { key: 'load', label: 'load before', unit: 'number', better: 'lower' },
  { key: 'seconds', label: 'watched', unit: 's', better: 'higher', detail: true },
];

export const PURGE_METRICS: readonly Metric[] = [
  { key: 'answeredMs', label: 'answered', unit: 'ms', better: 'lower' },
  { key: 'renewed', label: 'renewed', unit: 'count', better: 'higher' },
  { key: 'asked', label: 'of', unit: 'count', better: 'higher' },
  { key: 'wentBack', label: 'old after new', unit: 'count', better: 'lower' },
  { key: 'shieldAheadMs', label: 'shield ahead', unit: 'ms', better: 'higher' },
  { key: 'missing', label: 'named as missing', unit: 'count', better: 'lower' },
];

const ACT_WORDS: Readonly<Record<ActName, { readonly does: string; readonly took: string }>> = {
  settle: { does: 'all begin at edges of their own region', took: 'all are there' },
  'edge-dies': { does: 'an edge that viewers are at is killed', took: 'nobody is there any more' },
  'link-fails': { does: 'the PoP of the north is cut off', took: 'its viewers are in the south' },
  'link-returns': { does: 'the PoP of the north is back', took: 'all are in their own region again' },
  'bus-restarts': {
    does: 'NATS is killed, and started 12 s later',
    took: 'all edges know of each other again',
  },
};

function valuesOf(act: PlayedAct): Record<string, number> {
  const { tookMs, stalls, stalledMs, slowest, peerShare, problems, seconds, load } = act;
  return {
    ...(tookMs === undefined ? {} : { tookSeconds: tookMs / 1000 }),
    ...{ stalls, stalledSeconds: stalledMs / 1000, slowest, peerShare, seconds, load },
    problems: problems.length,
  };
}

/** All rounds of one act. */
export function actReport(name: ActName, results: readonly PlayedAct[]): WorkloadReport {
  const turns = results.map(
    (act, index): Turn => ({ round: index + 1, contender: EDDY.name, values: valuesOf(act) }),
  );
  const { does, took } = ACT_WORDS[name];
  return {
    ...{ name, description: does, headline: 'tookSeconds', metrics: ACT_METRICS, turns, comparisons: [] },
    rows: summarizeTurns(turns, [EDDY], ACT_METRICS),
    goals: goalsOf(took, results),
  };
}

function goalsOf(took: string, results: readonly PlayedAct[]): Goal[] {
  const times = results.map(({ tookMs }) =>
    tookMs === undefined ? 'never' : `${(tookMs / 1000).toFixed(1)} s`,
  );
  const stalls = results.map((act) => `${act.stalls} (${(act.stalledMs / 1000).toFixed(1)} s)`);
  const problems = results.flatMap((act) => act.problems);
  return [
    { text: took, measured: times.join(', '), met: results.every(({ tookMs }) => tookMs !== undefined) },
    {
      text: 'no stall',
      measured: stalls.join(', '),
      met: results.every((act) => act.stalls === 0 && act.stalledMs === 0),
    },
    {
      text: 'nobody’s player gives up',
      measured: problems.length === 0 ? 'none' : problems.join(', '),
      met: problems.length === 0,
    },
  ];
}

type Purges = Readonly<Record<string, PurgeResult>>;

/** All purges over one way; each kind is one row. */
export function purgesReport(
  name: string,
  description: string,
  rounds: readonly Purges[],
  goals: readonly Goal[],
): WorkloadReport {
  const kinds = Object.keys(rounds[0] ?? {});
  const contenders = kinds.map((kind) => ({ ...EDDY, name: kind }));
  const turns = rounds.flatMap((purges, index) =>
    Object.entries(purges).map(([kind, { missing, status, ...values }]): Turn => {
      const numbers = { ...values, missing: missing.length, status };
      return { round: index + 1, contender: kind, values: numbers };
    }),
  );
  const all = rounds.flatMap((purges) => Object.values(purges));
  const sum = (value: (purge: PurgeResult) => number): number =>
    all.reduce((total, purge) => total + value(purge), 0);
  const [renewed, asked] = [sum((purge) => purge.renewed), sum((purge) => purge.asked)];
  const wentBack = sum((purge) => purge.wentBack);
  const behind = all.filter(({ shieldAheadMs }) => shieldAheadMs < 0).length;
  return {
    ...{ name, description, headline: 'answeredMs', metrics: PURGE_METRICS, turns, comparisons: [] },
    rows: summarizeTurns(turns, contenders, PURGE_METRICS),
    goals: [
      {
        text: 'once it is answered all who are there give the new version',
        measured: `${renewed} of ${asked}`,
        met: renewed === asked,
      },
      { text: 'nobody goes back to the old one', measured: `${wentBack} answers`, met: wentBack === 0 },
      { text: 'shields before edges', measured: `${behind} of ${all.length} otherwise`, met: behind === 0 },
      ...goals,
    ],
  };
}

/** Whether the edge that was away has purged by itself. */
export function returnGoal(results: readonly RegionsResult[]): Goal {
  const returned = results.flatMap(({ overBus }) => overBus?.returned ?? []);
  return {
    text: 'an edge that was away purges on its return, before it answers',
    measured: returned
      .map(({ tookMs, old }) => `${old} old answers, ${tookMs === undefined ? 'never new' : 'then new'}`)
      .join('; '),
    met: returned.every(({ tookMs, old }) => tookMs !== undefined && old === 0),
  };
}

/** Nobody keeps purges for an edge that is away where there is no bus: asked again, it has to carry them out. */
export function repeatGoal(results: readonly RegionsResult[]): Goal {
  const played = results.flatMap(({ overHttp }) => overHttp ?? []);
  return {
    text: 'an edge that was away purges when it is asked again',
    measured: played
      .map(
        ({ returnedOld, repeated: { renewed, asked } }) =>
          `${returnedOld ? 'old' : 'new'} on its return, then new at ${renewed} of ${asked}`,
      )
      .join('; '),
    met: played.every(({ repeated }) => repeated.renewed === repeated.asked),
  };
}
