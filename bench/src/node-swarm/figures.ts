import type { Goal, Metric } from '../report/report.js';
import { EDGE_REASONS, type EdgeReason, edgeBytesByReason, type Load } from './provenance.js';
import type { SwarmPlan, SwarmResult } from './watch-together.js';

const REASON_LABELS: Readonly<Record<EdgeReason, string>> = {
  first: 'first copy',
  'start-up': 'start-up',
  'no peers': 'no peers',
  together: 'together',
  again: 'again',
  rescue: 'rescue',
};

const OFFLOAD: Metric = { key: 'offload', label: 'offload', unit: 'share', better: 'higher' };
export const METRICS: readonly Metric[] = [
  OFFLOAD,
  { key: 'steadyOffload', label: 'after joining', unit: 'share', better: 'higher' },
  { key: 'edgePerPlayed', label: 'edge/played', unit: 'share', better: 'lower' },
  { key: 'wasted', label: 'wasted', unit: 'share', better: 'lower' },
  { key: 'stalls', label: 'stalls', unit: 'count', better: 'lower' },
  { key: 'startUpP95Ms', label: 'start-up p95', unit: 'ms', better: 'lower' },
  { key: 'latencySeconds', label: 'to live edge', unit: 's', better: 'lower' },
  { key: 'viewersCores', label: 'viewers CPU', unit: 'cores', better: 'lower' },
  { key: 'edgeCores', label: 'edge CPU', unit: 'cores', better: 'lower' },
  { key: 'latenessP99Ms', label: 'late p99', unit: 'ms', better: 'lower' },
  { key: 'playedBytes', label: 'played', unit: 'bytes', better: 'higher', detail: true },
  { key: 'edgeMediaBytes', label: 'edge media', unit: 'bytes', better: 'lower', detail: true },
  {
    key: 'copiesFromEdge',
    label: 'copies of a segment from the edge',
    unit: 'ratio',
    better: 'lower',
    detail: true,
  },
  { key: 'peers', label: 'peers', unit: 'count', better: 'higher', detail: true },
  { key: 'wrongSegments', label: 'wrong segments', unit: 'count', better: 'lower', detail: true },
  { key: 'problems', label: 'problems', unit: 'count', better: 'lower', detail: true },
  { key: 'blamedPeers', label: 'blamed', unit: 'count', better: 'lower', detail: true },
  ...EDGE_REASONS.map(
    (reason): Metric => ({
      key: reason,
      label: REASON_LABELS[reason],
      unit: 'share',
      better: 'lower',
      detail: true,
    }),
  ),
];
export const HEADLINE: string = OFFLOAD.key;

/** What the goal asks of 50 viewers; the ceiling is 98%, since each segment has to come once. */
const GOAL_OFFLOAD = 0.93;

/** One run in figures. Shares are of the bytes played. */
export function figuresOf(plan: SwarmPlan, result: SwarmResult): Record<string, number> {
  const { viewers, seconds } = result;
  const sum = (value: (viewer: SwarmResult['viewers'][number]) => number): number =>
    viewers.reduce((total, viewer) => total + value(viewer), 0);
  const playedBytes = Math.max(
    1,
    sum((viewer) => viewer.playedBytes),
  );
  const edgeMediaBytes = result.edgeServedBytes - sum((viewer) => viewer.httpPlaylistBytes);
  const loads = viewers.flatMap((viewer) => viewer.loads);
  const reasons = edgeBytesByReason(loads);
  return {
    offload: 1 - edgeMediaBytes / playedBytes,
    steadyOffload: offloadOf(loads.filter(({ askedAt }) => askedAt > steadyFrom(plan, result))),
    edgePerPlayed: edgeMediaBytes / playedBytes,
    wasted: sum((viewer) => viewer.wastedBytes) / playedBytes,
    stalls: sum((viewer) => viewer.stalls),
    startUpP95Ms: percentile(
      viewers.map(({ startUpMs }) => startUpMs ?? Number.POSITIVE_INFINITY),
      0.95,
    ),
    latencySeconds: percentile(
      viewers.map(({ latencySeconds }) => latencySeconds),
      0.5,
    ),
    viewersCores: result.viewersCpuSeconds / seconds,
    edgeCores: result.edgeCpuSeconds / seconds,
    latenessP99Ms: result.latenessP99Ms,
    playedBytes,
    edgeMediaBytes,
    copiesFromEdge: copiesFromEdge(loads),
    peers: sum((viewer) => viewer.peers) / viewers.length,
    wrongSegments: sum((viewer) => viewer.wrongSegments),
    problems: sum((viewer) => viewer.problems.length),
    blamedPeers: sum((viewer) => viewer.blamedPeers),
    ...Object.fromEntries(EDGE_REASONS.map((reason) => [reason, reasons[reason] / playedBytes])),
  };
}

/** The promises, of the median run. */
export function goalsOf(medians: Readonly<Record<string, number>>): Goal[] {
  const { offload = 0, stalls = 0, wrongSegments = 0 } = medians;
  return [
    {
      text: `at least ${GOAL_OFFLOAD * 100}% of what is played comes from peers`,
      measured: `${(offload * 100).toFixed(1)}%`,
      met: offload >= GOAL_OFFLOAD,
    },
    { text: 'no stall', measured: `${stalls}`, met: stalls === 0 },
    { text: 'no wrong byte', measured: `${wrongSegments} segments`, met: wrongSegments === 0 },
  ];
}

/** Where the edge's bytes went to, in words. */
export function provenanceNote(medians: Readonly<Record<string, number>>): string {
  const shares = EDGE_REASONS.map(
    (reason) => `${REASON_LABELS[reason]} ${(100 * (medians[reason] ?? 0)).toFixed(2)}%`,
  );
  const copies = (medians.copiesFromEdge ?? 0).toFixed(1);
  return `from the edge, of what is played: ${shares.join(', ')}; ${copies} copies of a segment once all are there`;
}

function steadyFrom({ joinSeconds }: SwarmPlan, { viewers }: SwarmResult): number {
  const first = Math.min(...viewers.map(({ joinedAt }) => joinedAt));
  return first + joinSeconds * 1000 + SETTLING_MS;
}

/** After the last viewer came: its channels open and its buffer fills. */
const SETTLING_MS = 5_000;

function offloadOf(loads: readonly Load[]): number {
  const edge = loads.reduce((total, { edgeBytes }) => total + edgeBytes, 0);
  const all = loads.reduce((total, { edgeBytes, peerBytes }) => total + edgeBytes + peerBytes, 0);
  return all === 0 ? 0 : 1 - edge / all;
}

/** Whole copies of a segment that were taken from the edge while no picture waited; the best is 1. */
function copiesFromEdge(loads: readonly Load[]): number {
  const fetches = loads.filter(
    ({ startUp, edgeBytes, peerBytes }) => !startUp && edgeBytes > 0 && peerBytes === 0,
  );
  return fetches.length / Math.max(1, new Set(fetches.map(({ sequence }) => sequence)).size);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
