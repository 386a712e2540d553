import { expect, it } from 'vitest';
import { stampedContent, stampedObject } from './stamped-content.js';

it('makes the same bytes for a path each time, and other ones for another path', () => {
  expect(stampedContent('/a', 10_000).equals(stampedContent('/a', 10_000))).toBe(true);
  expect(stampedContent('/a', 10_000).equals(stampedContent('/b', 10_000))).toBe(false);
});

it('tells every block from the same block of another object and from its neighbours', () => {
  const [a, b] = [stampedContent('/a', 20_000), stampedContent('/b', 20_000)];
  for (let start = 0; start + 64 <= 20_000; start += 4096) {
    expect(a.subarray(start, start + 64).equals(b.subarray(start, start + 64))).toBe(false);
    if (start > 0) expect(a.subarray(0, 64).equals(a.subarray(start, start + 64))).toBe(false);
  }
});

it('does not change what is short when more was made in between', () => {
  const before = stampedContent('/a', 100);
  stampedContent('/b', 2_000_000);
  expect(stampedContent('/a', 100).equals(before)).toBe(true);
});

it('is an object of the origin', () => {
  const object = stampedObject('/a', 5000);
  expect(object.body).toHaveLength(5000);
  expect(object.sha256).toMatch(/^[0-9a-f]{64}$/);
});
