import type { Goal, Metric } from '../report/report.js';
import type { NatRowResult } from './result.js';
import type { Way } from './rows.js';

const SHARED: Metric = { key: 'sharedShare', label: 'from the other', unit: 'share', better: 'higher' };
export const HEADLINE: string = SHARED.key;
export const NAT_METRICS: readonly Metric[] = [
  SHARED,
  { key: 'peerBytes', label: 'bytes', unit: 'bytes', better: 'higher' },
  { key: 'relayedBytes', label: 'relayed (sent + received)', unit: 'bytes', better: 'lower' },
  { key: 'turnBytes', label: "in the edge's figures", unit: 'bytes', better: 'lower' },
  { key: 'turnServerBytes', label: "by coturn's count", unit: 'bytes', better: 'lower' },
  { key: 'edgeBytes', label: 'from the edge', unit: 'bytes', better: 'lower' },
  { key: 'stalls', label: 'stalls', unit: 'count', better: 'lower' },
  { key: 'wrongSegments', label: 'wrong', unit: 'count', better: 'lower' },
];

/** By what was in use, as WebRTC itself says. */
export function wayOf({ viewers }: NatRowResult): Way {
  const pairs = viewers.flatMap((viewer) => viewer.pairs);
  if (pairs.length === 0) return 'none';
  return pairs.some((pair) => pair.includes('relay')) ? 'relay' : 'direct';
}

export function figuresOf({ viewers, figures, turnServerBytes }: NatRowResult): Record<string, number> {
  const sum = (value: (viewer: NatRowResult['viewers'][number]) => number): number =>
    viewers.reduce((total, viewer) => total + value(viewer), 0);
  const [edgeBytes, peerBytes] = [sum((viewer) => viewer.edgeBytes), sum((viewer) => viewer.peerBytes)];
  return {
    ...{ edgeBytes, peerBytes, turnServerBytes, turnBytes: figures.turnBytes },
    sharedShare: peerBytes / Math.max(1, edgeBytes + peerBytes),
    relayedBytes: sum((viewer) => viewer.relayedBytes),
    stalls: sum((viewer) => viewer.stalls),
    wrongSegments: sum((viewer) => viewer.wrongSegments),
    problems: sum((viewer) => viewer.problems.length),
  };
}

/** What the row promises: its way, nobody stalls, and relays are counted where there are some. */
export function goalsOf(result: NatRowResult): Goal[] {
  const { row, viewers } = result;
  const { stalls = 0, wrongSegments = 0, peerBytes = 0, relayedBytes = 0 } = figuresOf(result);
  const way = wayOf(result);
  const pairs = [...new Set(viewers.flatMap((viewer) => viewer.pairs))].join(' ') || 'no channel';
  const isCounted = way === 'relay' ? relayedBytes >= 2 * peerBytes : relayedBytes === 0;
  const shares = row.expected === 'none' ? peerBytes === 0 : peerBytes > 0;
  const goals: Goal[] = [
    { text: row.expected, measured: `${way} (${pairs})`, met: way === row.expected && shares },
    {
      text: 'no stall, no wrong byte',
      measured: `${stalls} stalls, ${wrongSegments} wrong segments`,
      met: stalls === 0 && wrongSegments === 0,
    },
    { text: 'what a relay carried is counted apart', measured: `${relayedBytes} bytes`, met: isCounted },
  ];
  for (const [index, relayOnly] of (row.relayOnly ?? []).entries()) {
    if (!relayOnly) continue;
    const kinds = viewers[1 - index]?.heardKinds ?? [];
    goals.push({
      text: `the other hears of no address of viewer ${index + 1}`,
      measured: kinds.join(', '),
      met: kinds.join() === 'relay',
    });
  }
  return goals;
}
