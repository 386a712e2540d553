import { fields, type KnownMetrics, list, type PlacedQuery, problemsOf } from './queries.js';

/** Every PromQL query of a Grafana dashboard: of its panels, also those inside rows, and of its variables. */
export function dashboardQueries(dashboard: unknown): PlacedQuery[] {
  const { panels, templating } = fields(dashboard);
  const queries: PlacedQuery[] = [];
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

/** What is wrong with a dashboard's queries; nothing where all is well. */
export function dashboardProblems(dashboard: unknown, known: KnownMetrics): string[] {
  const queries = dashboardQueries(dashboard);
  return queries.length === 0 ? ['the dashboard has no queries'] : problemsOf(queries, known);
}
