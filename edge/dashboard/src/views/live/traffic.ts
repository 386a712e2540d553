import type { Timeline } from '../../../../src/insight/queries/figures.js';
import { earlierShare, laidOver } from '../../figures/comparison.js';
import type { Series } from '../../parts/time-chart/plot-data.js';

/** What went from where to where in one step, as means over it. */
export interface TrafficStep {
  readonly startMs: number;
  readonly edgeBytesPerSecond: number;
  readonly peerBytesPerSecond: number;
  /** Watching at a time. */
  readonly viewers: number;
  readonly offload: number | null;
}

/** The last step is still growing: its means are over the part of it that has passed. */
export function trafficOf({ points, stepSeconds }: Timeline, nowMs: number): TrafficStep[] {
  return points.map(({ startMs, edgeBytes, peerBytes, watchedMs, offload }) => {
    const seconds = Math.max(1, Math.min(stepSeconds, (nowMs - startMs) / 1000));
    return {
      startMs,
      edgeBytesPerSecond: edgeBytes / seconds,
      peerBytesPerSecond: peerBytes / seconds,
      viewers: watchedMs / 1000 / seconds,
      offload,
    };
  });
}

/** Edge below, peers on it, and what all was in the time before. */
export function throughputSeries(steps: readonly TrafficStep[], now: Timeline, before?: Timeline): Series[] {
  const earlier =
    before === undefined ? undefined : laidOver(now, before)((point) => point.edgeBytes + point.peerBytes);
  return [
    { label: 'Edge', colour: '--edge', kind: 'stack', values: steps.map((step) => step.edgeBytesPerSecond) },
    { label: 'Peers', colour: '--peer', kind: 'stack', values: steps.map((step) => step.peerBytesPerSecond) },
    ...(earlier === undefined ? [] : [dashed('All, the time before', earlier)]),
  ];
}

export function viewersSeries(steps: readonly TrafficStep[], now: Timeline, before?: Timeline): Series[] {
  const earlier = before === undefined ? undefined : laidOver(now, before)((point) => point.watchedMs / 1000);
  return [
    { label: 'Viewers', colour: '--third', kind: 'line', values: steps.map(({ viewers }) => viewers) },
    ...(earlier === undefined ? [] : [dashed('The time before', earlier)]),
  ];
}

export function offloadSeries(steps: readonly TrafficStep[], now: Timeline, before?: Timeline): Series[] {
  const earlier =
    before === undefined
      ? undefined
      : earlierShare(
          now,
          before,
          (point) => point.peerBytes,
          (point) => point.peerBytes + point.edgeBytes,
        );
  return [
    { label: 'From peers', colour: '--peer', kind: 'line', values: steps.map(({ offload }) => offload) },
    ...(earlier === undefined ? [] : [dashed('The time before', earlier)]),
  ];
}

function dashed(label: string, values: readonly (number | null)[]): Series {
  return { label, colour: '--quiet', kind: 'dashed', values };
}
