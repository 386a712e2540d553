import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './paths.mjs';
import { run } from './processes.mjs';
import { say } from './step.mjs';

const VITEST = 'node_modules/vitest/vitest.mjs';

/** Lines of a failure that are told at the end; the whole stands where it happened. */
const LINES_TOLD = 25;

/**
 * What vitest's JSON report says; a file that could not even be loaded counts as one failed test. `failures` names
 * each failed one and says why.
 */
export function countsOf(report) {
  const named = (name, fullName) => [relative(ROOT, name), fullName].filter(Boolean).join(': ');
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const results = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((result) => ({ ...result, name })),
  );
  const having = (...statuses) => results.filter(({ status }) => statuses.includes(status));
  const failures = [
    ...broken.map(({ name, message }) => ({ name: named(name), why: message ?? '' })),
    ...having('failed').map(({ name, fullName, failureMessages }) => ({
      name: named(name, fullName),
      why: (failureMessages ?? []).join('\n'),
    })),
  ];
  return {
    passed: having('passed').length,
    failed: failures.length,
    failures: failures.map(({ name, why }) => ({
      name,
      why: why.split('\n').slice(0, LINES_TOLD).join('\n'),
    })),
    skipped: having('skipped', 'pending', 'todo', 'disabled').map(({ name, fullName }) =>
      named(name, fullName),
    ),
  };
}

/** Says what failed and why: where the run told it, much has been printed since. */
export function tellFailures({ failures }) {
  for (const { name, why } of failures) say(`  failed: ${name}\n${why.replaceAll(/^/gm, '    ')}`);
}

function failedAs(project, why) {
  return { failed: 1, failures: [{ name: `project ${project}`, why }] };
}

/**
 * Runs one project of vitest, or the `files` of it whose names contain these, and returns its counts. `wrap` may put
 * another program around it, such as a network namespace.
 */
export async function runVitest(project, { env = {}, wrap = async (line) => line, files = [] } = {}) {
  const file = join(ROOT, '.eddy', 'test', `${project}.json`);
  await mkdir(dirname(file), { recursive: true });
  await rm(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { command, args } = await wrap({
    command: process.execPath,
    args: [VITEST, 'run', '--project', project, ...reporters, ...files],
  });
  const { code } = await run(command, args, { env, codes: [0, 1] });
  const report = await readFile(file, 'utf8').then(JSON.parse, () => undefined);
  if (report === undefined) {
    const why = `vitest ended with code ${code} and left no report`;
    return { passed: 0, skipped: [], ...failedAs(project, why) };
  }
  const counts = countsOf(report);
  if (counts.failed > 0) return counts;
  if (code !== 0) {
    const why = `vitest ended with code ${code}: an error outside of tests, told above`;
    return { ...counts, ...failedAs(project, why) };
  }
  if (counts.passed === 0) return { ...counts, ...failedAs(project, 'vitest found no tests') };
  return counts;
}
