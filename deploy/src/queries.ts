import type { ExposedMetric } from './exposition.js';
import { type LabelMatcher, PromqlError, parsePromql } from './promql.js';

/** A PromQL query and where it stands. */
export interface PlacedQuery {
  readonly where: string;
  readonly query: string;
}

/** All that queries may ask for. */
export interface KnownMetrics {
  /** What a target exposes. */
  readonly exposed: ReadonlyMap<string, ExposedMetric>;
  /** What rules record, with the labels that it has. */
  readonly records: ReadonlyMap<string, ReadonlySet<string>>;
  /** Labels that the scrape gives each target. */
  readonly targetLabels: ReadonlySet<string>;
}

/** Prometheus adds these itself, to every series or for every target. */
const OF_PROMETHEUS = {
  metrics: new Set(['up', 'ALERTS', 'scrape_duration_seconds', 'scrape_samples_scraped']),
  labels: ['instance', 'job'],
};

export function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What is wrong with queries; nothing where all is well. */
export function problemsOf(queries: readonly PlacedQuery[], known: KnownMetrics): string[] {
  return queries.flatMap(({ where, query }) => {
    try {
      return queryProblems(query, known).map((problem) => `${where}: ${problem}`);
    } catch (error) {
      if (error instanceof PromqlError) return [`${where}: ${error.message}`];
      throw error;
    }
  });
}

function queryProblems(query: string, { exposed, records, targetLabels }: KnownMetrics): string[] {
  const { selectors, groupingLabels } = parsePromql(query);
  const problems: string[] = [];
  const ofTargets = new Set([...OF_PROMETHEUS.labels, ...targetLabels]);
  const labels = new Set(ofTargets);
  /** A metric without samples does not tell its labels. */
  let silent = false;
  for (const { metric, matchers } of selectors) {
    const recorded = records.get(metric);
    const found = exposed.get(metric);
    if (recorded !== undefined) {
      for (const label of recorded) labels.add(label);
      for (const { label } of matchers)
        if (!recorded.has(label) && !ofTargets.has(label)) problems.push(`${metric} has no label ${label}`);
    } else if (found !== undefined) {
      silent ||= found.samples === 0;
      if (found.samples === 0) continue;
      // The scrape calls a label so that the target has too.
      const own = new Map(
        [...found.labels].map(([label, values]) => [
          ofTargets.has(label) ? `exported_${label}` : label,
          values,
        ]),
      );
      for (const label of own.keys()) labels.add(label);
      const asked = matchers.filter(({ label }) => !ofTargets.has(label));
      problems.push(...asked.flatMap((matcher) => matcherProblems(metric, matcher, own)));
    } else if (OF_PROMETHEUS.metrics.has(metric)) silent ||= metric === 'ALERTS';
    else problems.push(`no metric ${metric}`);
  }
  for (const label of groupingLabels)
    if (!labels.has(label) && !silent) problems.push(`no label ${label} to group by`);
  return problems;
}

function matcherProblems(
  metric: string,
  { label, operator, value }: LabelMatcher,
  labels: ExposedMetric['labels'],
): string[] {
  const values = labels.get(label);
  if (values === undefined) return [`${metric} has no label ${label}`];
  // Of regular expressions only lists of words can be checked.
  const isList = operator.endsWith('~') && /^[\w|-]+$/.test(value);
  const words = operator.endsWith('~') ? (isList ? value.split('|') : []) : [value];
  return words.filter((word) => !values.has(word)).map((word) => `${metric} has no ${label}="${word}"`);
}
