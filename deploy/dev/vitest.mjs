import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './paths.mjs';
import { run } from './processes.mjs';
import { say } from './step.mjs';

const VITEST = 'node_modules/vitest/vitest.mjs';

/** What vitest's JSON report says; a file that could not even be loaded counts as one failed test. */
export function countsOf(report) {
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const results = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ name, fullName, status })),
  );
  const having = (...statuses) => results.filter(({ status }) => statuses.includes(status));
  return {
    passed: having('passed').length,
    failed: having('failed').length + broken.length,
    skipped: having('skipped', 'pending', 'todo', 'disabled').map(
      ({ name, fullName }) => `${relative(ROOT, name)}: ${fullName}`,
    ),
  };
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
    say(`vitest ended with code ${code} and left no report`);
    return { passed: 0, failed: 1, skipped: [] };
  }
  const counts = countsOf(report);
  // Errors outside of tests fail the run, and no test of its own.
  if (code !== 0 && counts.failed === 0) return { ...counts, failed: 1 };
  if (counts.passed + counts.failed === 0) {
    say(`vitest found no tests in project ${project}`);
    return { ...counts, failed: 1 };
  }
  return counts;
}
