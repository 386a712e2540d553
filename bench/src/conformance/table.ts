import { withMarked } from '../report/marked.js';
import { STEPS, type StepResult } from './suite.js';

export interface Row {
  readonly title: string;
  readonly browser: string;
  readonly results: readonly StepResult[];
}

/** What passed, in Markdown. A share in brackets: of the second viewer's media bytes, from the first. */
export function conformanceTable(rows: readonly Row[]): string {
  const lines = [
    `| Player | Browser | ${STEPS.join(' | ')} |`,
    `| --- | --- | ${STEPS.map(() => '---').join(' | ')} |`,
  ];
  for (const { title, browser, results } of rows) {
    const cells = STEPS.map((step) => {
      const result = results.find((candidate) => candidate.step === step);
      if (result === undefined) return '-';
      if (result.failure !== undefined) return 'FAILED';
      return result.offload === undefined ? 'passed' : `passed (${Math.round(100 * result.offload)}%)`;
    });
    lines.push(`| ${title} | ${browser} | ${cells.join(' | ')} |`);
  }
  return lines.join('\n');
}

const BEGIN = '<!-- conformance: written by `npm run conformance` -->';
const END = '<!-- /conformance -->';

/** The text with the table where it is kept. Throws where no place for it is marked. */
export function withTable(text: string, table: string): string {
  return withMarked(text, BEGIN, END, table);
}
