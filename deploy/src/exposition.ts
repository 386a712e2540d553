/** What one target exposes: metrics by name as queries know them (`_bucket`, `_sum`, `_count` included). */
export interface ExposedMetric {
  /** Values seen, by label; empty where the metric has no sample yet. */
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
  readonly samples: number;
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})?\s+\S+/;

/** Reads the text format of Prometheus 0.0.4. Metrics that are declared and have no sample yet count as exposed. */
export function parseExposition(text: string): Map<string, ExposedMetric> {
  const metrics = new Map<string, { labels: Map<string, Set<string>>; samples: number }>();
  const known = (name: string): { labels: Map<string, Set<string>>; samples: number } => {
    const metric = metrics.get(name) ?? { labels: new Map(), samples: 0 };
    metrics.set(name, metric);
    return metric;
  };
  for (const line of text.split('\n')) {
    const declared = /^# TYPE (\S+) (\S+)/.exec(line);
    if (declared !== null) {
      const [, name = '', type = ''] = declared;
      for (const suffix of SUFFIXES[type] ?? ['']) known(name + suffix);
      continue;
    }
    const sample = line.startsWith('#') ? null : SAMPLE.exec(line);
    if (sample === null) continue;
    const metric = known(sample[1] ?? '');
    metric.samples++;
    for (const [, label = '', value = ''] of (sample[2] ?? '').matchAll(LABEL)) {
      metric.labels.set(label, (metric.labels.get(label) ?? new Set()).add(value));
    }
  }
  return metrics;
}
