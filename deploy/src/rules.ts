import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parsePromql } from './promql.js';
import { fields, list, type PlacedQuery } from './queries.js';

export interface Alert {
  readonly name: string;
  readonly severity: string;
  readonly runbook: string;
}

/** What one or several rule files of Prometheus say. */
export interface Rules {
  readonly queries: readonly PlacedQuery[];
  /** Metrics that rules record, with the labels that they can have beside those of targets. */
  readonly records: ReadonlyMap<string, ReadonlySet<string>>;
  readonly alerts: readonly Alert[];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Reads rule files, by their contents. Throws PromqlError where a recorded query is not PromQL. */
export function readRules(files: readonly string[]): Rules {
  const queries: PlacedQuery[] = [];
  const records = new Map<string, ReadonlySet<string>>();
  const alerts: Alert[] = [];
  const rules = files.flatMap((file) =>
    list(fields(parse(file)).groups).flatMap((group) => list(fields(group).rules)),
  );
  for (const rule of rules.map(fields)) {
    const [record, alert, query] = [text(rule.record), text(rule.alert), text(rule.expr)];
    queries.push({ where: record === '' ? `alert ${alert}` : `record ${record}`, query });
    const labels = fields(rule.labels);
    if (record !== '') {
      records.set(record, new Set([...Object.keys(labels), ...parsePromql(query).groupingLabels]));
    } else {
      const runbook = text(fields(rule.annotations).runbook_url);
      alerts.push({ name: alert, severity: text(labels.severity), runbook });
    }
  }
  return { queries, records, alerts };
}

/** The contents of all YAML files of a folder, by name. */
export async function yamlFiles(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

/** Labels that a scrape configuration gives to targets. */
export function targetLabels(scrape: string): ReadonlySet<string> {
  const configs = list(fields(parse(scrape)).scrape_configs).flatMap((job) =>
    list(fields(job).static_configs),
  );
  return new Set(configs.flatMap((config) => Object.keys(fields(fields(config).labels))));
}
