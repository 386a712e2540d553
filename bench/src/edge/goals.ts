import type { Comparison, Goal, Metric } from '../report/report.js';

export interface RatioGoal {
  readonly metric: Metric;
  /** Only beside this family; default: beside whichever is hardest to match. */
  readonly family?: string;
  /** At least this, where more is better; at most this, where less is. */
  readonly limit: number;
}

/** Whether the median ratio keeps a promise; none where there is nothing to compare with. */
export function ratioGoal(comparisons: readonly Comparison[], { metric, family, limit }: RatioGoal): Goal[] {
  const higher = metric.better === 'higher';
  const hardest = comparisons
    .filter(
      (comparison) => comparison.metric === metric.key && (family ?? comparison.family) === comparison.family,
    )
    .sort((a, b) => (higher ? a.ratio.median - b.ratio.median : b.ratio.median - a.ratio.median))[0];
  if (hardest === undefined) return [];
  const { median } = hardest.ratio;
  return [
    {
      text: `${metric.label} at ${higher ? 'least' : 'most'} ${limit}x ${family ?? 'the best'}`,
      measured: `${median.toFixed(2)}x ${hardest.against}`,
      met: higher ? median >= limit : median <= limit,
    },
  ];
}
