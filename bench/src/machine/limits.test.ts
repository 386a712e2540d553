import { expect, it } from 'vitest';
import { openFileLimit, parseOpenFileLimit } from './limits.js';

it('reads the hard limit', async () => {
  expect(
    parseOpenFileLimit(
      'Limit  Soft  Hard  Units\nMax open files            1024                 20000                files \n',
    ),
  ).toBe(20_000);
  expect(
    parseOpenFileLimit('Max open files            1024                 unlimited            files \n'),
  ).toBe(Number.POSITIVE_INFINITY);
  expect(await openFileLimit()).toBeGreaterThan(0);
});
