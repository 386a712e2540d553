import type { Summary } from '../statistics/statistics.js';
import type { Comparison, Metric, Report, WorkloadReport } from './report.js';
import { renderTable } from './table.js';

/** A figure in the unit people say it in: GB/s, thousands, two or three digits. */
export function formatValue(value: number, unit: Metric['unit']): string {
  switch (unit) {
    case 'bytes/s':
      return value >= 1e9 ? `${(value / 1e9).toFixed(2)} GB/s` : `${(value / 1e6).toFixed(1)} MB/s`;
    case 'requests/s':
      return `${Math.round(value).toLocaleString('en-US')}/s`;
    case 'bytes':
      return value >= 1e9 ? `${(value / 1e9).toFixed(2)} GB` : `${(value / 1e6).toFixed(1)} MB`;
    case 'bit/s':
      return `${(value / 1e6).toFixed(2)} Mbit/s`;
    case 'fraction':
      return value.toFixed(3);
    case 'count':
      return Math.round(value).toLocaleString('en-US');
    case 'number':
      return value.toFixed(1);
    case 'share':
      return `${(value * 100).toFixed(value > 0.9 && value < 1 ? 2 : 1)}%`;
    case 's':
      return `${value.toFixed(2)} s`;
    case 'ns':
      return `${Math.round(value)} ns`;
    case 'ms':
      return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;
    case 'us':
      return `${value < 100 ? value.toFixed(1) : value.toFixed(0)} us`;
    case 'cores':
      return value.toFixed(2);
    case 'ratio':
      return `${value.toFixed(2)}x`;
  }
}

const percent = (spread: number): string => `${Math.round(spread * 100)}%`;

function workloadTable(workload: WorkloadReport, all: readonly Metric[]): string {
  const metrics = all.filter(({ detail }) => detail !== true);
  const header = [
    '',
    ...metrics.flatMap(({ key, label }) => (key === workload.headline ? [label, 'spread'] : [label])),
  ];
  const cell = (summary: Summary | undefined, metric: Metric): string[] => {
    const text = summary === undefined ? '-' : formatValue(summary.median, metric.unit);
    if (metric.key !== workload.headline) return [text];
    return [text, summary === undefined ? '-' : percent(summary.spread)];
  };
  const rows = workload.rows.map(({ contender, summary }) => [
    contender,
    ...metrics.flatMap((metric) => cell(summary[metric.key], metric)),
  ]);
  return renderTable(header, rows);
}

function comparisonLine(
  { family, against, ours, metric, ratio, rounds }: Comparison,
  { headline }: WorkloadReport,
  metrics: readonly Metric[],
): string {
  const label = metric === headline ? '' : `, ${metrics.find(({ key }) => key === metric)?.label ?? metric}`;
  const range = `${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)} over ${rounds.length} rounds`;
  const who = ours === undefined ? '' : `; ${ours}`;
  return `beside ${family}${label}: ${ratio.median.toFixed(2)}x of ${against} (${range}${who})`;
}

/** The report for people: a table and the ratios per workload, then what to mind. */
export function renderReport(report: Report): string {
  const { machine } = report;
  const parts = [
    report.title,
    `${machine.cpuModel}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.kernel}; Node ${machine.nodeVersion}; ${report.startedAt}`,
  ];
  for (const workload of report.workloads) {
    const metrics = workload.metrics ?? report.metrics;
    parts.push(`\n${workload.name}: ${workload.description}`, workloadTable(workload, metrics));
    for (const comparison of workload.comparisons)
      parts.push(`  ${comparisonLine(comparison, workload, metrics)}`);
    for (const goal of workload.goals ?? [])
      parts.push(`  goal: ${goal.text}: ${goal.measured}, ${goal.met ? 'met' : 'MISSED'}`);
    for (const note of workload.notes ?? []) parts.push(`  ${note}`);
  }
  if (report.contenders.length > 0) {
    const lines = report.contenders.map(
      ({ name, version, setting, features = [] }) =>
        `  ${name}: ${version}; ${setting}${features.length > 0 ? `; with ${features.join(', ')}` : ''}`,
    );
    parts.push(`\nWho was measured:\n${lines.join('\n')}`);
  }
  for (const { what, reason } of report.unmeasured ?? [])
    parts.push(`\nCannot be measured: ${what}: ${reason}`);
  for (const warning of report.warnings) parts.push(`\nMind: ${warning}`);
  return `${parts.join('\n')}\n`;
}
