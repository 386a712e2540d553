import { expect, it } from 'vitest';
import { crashesBetween } from './crashes.js';

it('sees workers that were replaced or are gone', () => {
  expect(crashesBetween([1, 2, 3], [1, 2, 3], { mayEnd: false })).toBe(0);
  expect(crashesBetween([1, 2, 3], [1, 2, 9], { mayEnd: false })).toBe(1);
  expect(crashesBetween([1, 2, 3], [1, 2], { mayEnd: false })).toBe(1);
});

it('lets a helper end, but not everyone', () => {
  expect(crashesBetween([1, 2, 3], [1, 2], { mayEnd: true })).toBe(0);
  expect(crashesBetween([1, 2, 3], [1, 2, 4], { mayEnd: true })).toBe(1);
  expect(crashesBetween([1], [], { mayEnd: true })).toBe(1);
});
