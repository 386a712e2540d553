import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './paths.mjs';
import { countsOf } from './vitest.mjs';

const file = (name, assertionResults, more = {}) => ({
  ...{ name: join(ROOT, name), status: 'passed', message: '', assertionResults },
  ...more,
});

it('counts each test, and names those that failed with why', () => {
  const counts = countsOf({
    testResults: [
      file('a.test.ts', [
        { fullName: 'adds', status: 'passed', failureMessages: [] },
        {
          ...{ fullName: 'divides', status: 'failed' },
          failureMessages: ['AssertionError: 1 is not 2\n    at a.test.ts:3'],
        },
        { fullName: 'is for later', status: 'todo', failureMessages: [] },
      ]),
      file('b.test.ts', [], { status: 'failed', message: 'SyntaxError: unexpected token' }),
    ],
  });
  expect(counts).toStrictEqual({
    ...{ passed: 1, failed: 2 },
    failures: [
      { name: 'b.test.ts', why: 'SyntaxError: unexpected token' },
      { name: 'a.test.ts: divides', why: 'AssertionError: 1 is not 2\n    at a.test.ts:3' },
    ],
    skipped: ['a.test.ts: is for later'],
  });
});

it('keeps what a failure says short', () => {
  const message = Array.from({ length: 1000 }, (_, line) => `line ${line}`).join('\n');
  const [{ why }] = countsOf({
    testResults: [file('a.test.ts', [], { status: 'failed', message })],
  }).failures;
  expect(why.split('\n')).toHaveLength(25);
});
