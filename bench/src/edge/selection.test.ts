import { expect, it } from 'vitest';
import { selectByName } from './selection.js';

const all = ['a', 'b', 'c'].map((name) => ({ name }));

it('keeps the order of the catalogue', () => {
  expect(selectByName(all, ['c', 'a']).map(({ name }) => name)).toEqual(['a', 'c']);
  expect(selectByName(all, undefined)).toHaveLength(3);
});

it('names what there is where a name is unknown', () => {
  expect(() => selectByName(all, ['a', 'x'])).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringMatching(/"x".*a, b, c/) }),
  );
});
