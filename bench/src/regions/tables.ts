import { formatValue } from '../report/render.js';
import type { Metric, Report, WorkloadReport } from '../report/report.js';

const LEFT: Readonly<Record<string, string>> = { 'purges-bus': 'Over NATS', 'purges-http': 'By HTTP' };

/** What a run has measured, in Markdown: the acts, the purges, and what was promised and not kept. */
export function regionsTables(report: Report): string {
  const { machine, startedAt, durationSeconds, workloads, metrics } = report;
  const acts = workloads.filter(({ name }) => LEFT[name] === undefined);
  const purges = workloads.filter(({ name }) => LEFT[name] !== undefined);
  const rounds = Math.max(...workloads.flatMap(({ turns }) => turns.map(({ round }) => round)));
  const missed = workloads.flatMap(({ name, goals = [] }) =>
    goals
      .filter(({ met }) => !met)
      .map(({ text, measured }) => `- \`${name}\`, missed: ${text}: ${measured}.`),
  );
  return [
    `${startedAt.slice(0, 10)}, ${machine.cpuModel}, ${machine.cores} cores, Node ${machine.nodeVersion}; ${rounds} ${rounds === 1 ? 'round' : 'rounds, medians'}, ${Math.round(durationSeconds / 60)} minutes.`,
    ...(acts.length === 0 ? [] : ['', ...table('Act', metrics, acts, ({ name }) => `\`${name}\``)]),
    ...(purges.length === 0
      ? []
      : [
          '',
          ...table('Purge', purges[0]?.metrics ?? [], purges, ({ name }, row) => `${LEFT[name]}: ${row}`),
        ]),
    '',
    ...(missed.length === 0 ? ['Every promise was kept.'] : missed),
  ].join('\n');
}

function table(
  title: string,
  metrics: readonly Metric[],
  workloads: readonly WorkloadReport[],
  nameOf: (workload: WorkloadReport, row: string) => string,
): string[] {
  const shown = metrics.filter(({ detail }) => detail !== true);
  const head = [title, ...shown.map(({ label }) => label)];
  const rows = workloads.flatMap((workload) =>
    workload.rows.map(({ contender, summary }) => [
      nameOf(workload, contender),
      ...shown.map(({ key, unit }) => {
        const median = summary[key]?.median;
        return median === undefined ? 'never' : formatValue(median, unit);
      }),
    ]),
  );
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
