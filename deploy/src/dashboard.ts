import type { ExposedMetric } from './exposition.js';
import { PromqlError, parsePromql } from './promql.js';

/** A query of a dashboard and where it stands. */
export interface DashboardQuery {
  readonly where: string;
  readonly query: string;
}

/** Prometheus adds these itself, to every series or for every target. */
const OF_PROMETHEUS = {
  metrics: new Set(['up', 'scrape_duration_seconds', 'scrape_samples_scraped']),
  labels: new Set(['instance', 'job', 'le']),
};

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Every PromQL query of a Grafana dashboard: of its panels, also those inside rows, and of its variables. */
export function dashboardQueries(dashboard: unknown): DashboardQuery[] {
  const { panels, templating } = fields(dashboard);
  const queries: DashboardQuery[] = [];
  const visit = (panel: unknown): void => {
    const { title, targets, panels: inner } = fields(panel);
    for (const target of list(targets)) {
      const { expr, refId } = fields(target);
      if (typeof expr === 'string')
        queries.push({ where: `panel "${String(title)}" ${String(refId)}`, query: expr });
    }
    for (const child of list(inner)) visit(child);
  };
  for (const panel of list(panels)) visit(panel);
  for (const variable of list(fields(templating).list)) {
    const { name, query } = fields(variable);
    const text = typeof query === 'string' ? query : fields(query).query;
    if (typeof text !== 'string') continue;
    // label_values(metric, label) is Grafana's own; what it reads is the metric.
    const [, metric, label] = /^label_values\(\s*(.+?)\s*,\s*(\w+)\s*\)$/.exec(text) ?? [];
    const expr = metric === undefined ? text : `sum by (${label}) (${metric})`;
    queries.push({ where: `variable "${String(name)}"`, query: expr });
  }
  return queries;
}

/** What is wrong with a dashboard's queries, given what a target exposes; nothing where all is well. */
export function dashboardProblems(dashboard: unknown, exposed: ReadonlyMap<string, ExposedMetric>): string[] {
  const queries = dashboardQueries(dashboard);
  if (queries.length === 0) return ['the dashboard has no queries'];
  return queries.flatMap(({ where, query }) => {
    try {
      return queryProblems(query, exposed).map((problem) => `${where}: ${problem}`);
    } catch (error) {
      if (error instanceof PromqlError) return [`${where}: ${error.message}`];
      throw error;
    }
  });
}

function queryProblems(query: string, exposed: ReadonlyMap<string, ExposedMetric>): string[] {
  const { selectors, groupingLabels } = parsePromql(query);
  const problems: string[] = [];
  const labels = new Set(OF_PROMETHEUS.labels);
  /** A metric without samples does not tell its labels. */
  let silent = false;
  for (const { metric, matchers } of selectors) {
    const found = exposed.get(metric);
    if (found === undefined) {
      if (!OF_PROMETHEUS.metrics.has(metric)) problems.push(`no metric ${metric}`);
      continue;
    }
    silent ||= found.samples === 0;
    for (const label of found.labels.keys()) labels.add(label);
    for (const { label, operator, value } of matchers) {
      if (OF_PROMETHEUS.labels.has(label) || found.samples === 0) continue;
      const values = found.labels.get(label);
      if (values === undefined) problems.push(`${metric} has no label ${label}`);
      else if ((operator === '=' || operator === '!=') && !values.has(value)) {
        problems.push(`${metric} has no ${label}="${value}"`);
      }
    }
  }
  for (const label of groupingLabels)
    if (!labels.has(label) && !silent) problems.push(`no label ${label} to group by`);
  return problems;
}
