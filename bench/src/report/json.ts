import type { Report } from './report.js';

/** Four significant digits are more than any of these figures are worth, and keep the file small. */
function rounded(_: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number(value.toPrecision(4));
}

/** The report as it is written to a file: indented, but each turn and each summary on one line. */
export function reportJson(report: Report): string {
  const text = JSON.stringify(report, rounded, 1);
  return `${text.replace(/\{[^{}[\]]*\}/g, (flat) => flat.replace(/\n\s*/g, ' '))}\n`;
}
