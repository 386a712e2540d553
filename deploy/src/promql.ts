import { parser } from '@prometheus-io/lezer-promql';

/** A condition on a label in a query. */
export interface LabelMatcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** One place where a query reads a metric. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly LabelMatcher[];
}

/** What a query asks for. */
export interface PromqlQuery {
  readonly selectors: readonly Selector[];
  /** Labels that aggregations and joins group by. */
  readonly groupingLabels: readonly string[];
}

/** A query that is not PromQL. */
export class PromqlError extends Error {
  override readonly name = 'PromqlError';
}

/** Grafana puts these in before Prometheus sees the query. A name in a string is left as it is. */
const GRAFANA_TIMES =
  /\$(?:__rate_interval|__interval|__range)\b|\$\{(?:__rate_interval|__interval|__range)\}/g;

interface OpenSelector {
  metric: string | undefined;
  readonly matchers: LabelMatcher[];
}

/** Parses a query as it stands in a dashboard. Throws PromqlError with the place of the mistake. */
export function parsePromql(query: string): PromqlQuery {
  const text = query.replace(GRAFANA_TIMES, '5m');
  const open: OpenSelector[] = [];
  const groupingLabels: string[] = [];
  let inGrouping = false;
  let label = '';
  let operator = '';
  parser.parse(text).iterate({
    enter: ({ name, from, to, type }) => {
      const part = text.slice(from, to);
      if (type.isError) throw new PromqlError(`${query}: not PromQL at character ${from + 1}`);
      if (name === 'VectorSelector') open.push({ metric: undefined, matchers: [] });
      const selector = open.at(-1);
      if (name === 'GroupingLabels') inGrouping = true;
      else if (name === 'LabelName' && inGrouping) groupingLabels.push(part);
      else if (name === 'LabelName') label = part;
      else if (name === 'MatchOp') operator = part;
      else if (name === 'Identifier' && selector !== undefined) selector.metric ??= part;
      else if (name === 'StringLiteral' && selector !== undefined && label !== '') {
        selector.matchers.push({ label, operator, value: part.slice(1, -1) });
        label = '';
      }
    },
    leave: ({ name }) => {
      if (name === 'GroupingLabels') inGrouping = false;
    },
  });
  const selectors = open.map(({ metric, matchers }): Selector => {
    if (metric === undefined) throw new PromqlError(`${query}: a selector names no metric`);
    return { metric, matchers };
  });
  return { selectors, groupingLabels };
}
