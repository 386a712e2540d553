import { median, type RoundValue, ratiosWithinRounds, summarize } from '../statistics/statistics.js';
import type { Comparison, Contender, Metric, Row, Turn } from './report.js';

function valuesOf(turns: readonly Turn[], contender: string, key: string): RoundValue[] {
  return turns.flatMap((turn) => {
    const value = turn.values[key];
    return turn.contender === contender && value !== undefined ? [{ round: turn.round, value }] : [];
  });
}

/** One row per contender that had a turn, in the order given. */
export function summarizeTurns(
  turns: readonly Turn[],
  contenders: readonly Contender[],
  metrics: readonly Metric[],
): Row[] {
  return contenders.flatMap(({ name }) => {
    const summary = Object.fromEntries(
      metrics.flatMap(({ key }) => {
        const values = valuesOf(turns, name, key).map(({ value }) => value);
        return values.length === 0 ? [] : [[key, summarize(values)]];
      }),
    );
    return Object.keys(summary).length === 0 ? [] : [{ contender: name, summary }];
  });
}

/**
 * The best setting of `family` `subject` beside the best setting of each other family, paired by round.
 * "Best" is the better median of `metric`, so no family is judged by a setting that does not suit it.
 */
export function compareFamilies(
  turns: readonly Turn[],
  contenders: readonly Contender[],
  {
    subject,
    metric,
    settingBy = metric,
  }: {
    readonly subject: string;
    readonly metric: Metric;
    /** Picks the subject's setting; that of the others is picked by `metric`. */
    readonly settingBy?: Metric;
  },
): Comparison[] {
  const bestOf = (family: string, by: Metric): string | undefined => {
    const sign = by.better === 'higher' ? -1 : 1;
    return contenders
      .filter((contender) => contender.family === family)
      .flatMap(({ name }) => {
        const values = valuesOf(turns, name, by.key).map(({ value }) => value);
        return values.length === 0 ? [] : [{ name, middle: median(values) }];
      })
      .sort((a, b) => sign * (a.middle - b.middle))[0]?.name;
  };
  const ours = bestOf(subject, settingBy);
  if (ours === undefined) return [];
  const several = contenders.filter(({ family }) => family === subject).length > 1;
  const families = [...new Set(contenders.map(({ family }) => family))].filter(
    (family) => family !== subject,
  );
  return families.flatMap((family) => {
    const against = bestOf(family, metric);
    if (against === undefined) return [];
    const ratios = ratiosWithinRounds(
      valuesOf(turns, ours, metric.key),
      valuesOf(turns, against, metric.key),
    ).map(({ value }) => value);
    if (ratios.length === 0) return [];
    return [
      {
        family,
        against,
        ...(several ? { ours } : {}),
        metric: metric.key,
        ratio: summarize(ratios),
        rounds: ratios,
      },
    ];
  });
}
