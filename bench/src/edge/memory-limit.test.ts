import { expect, it } from 'vitest';
import { memoryLimit, sayMemoryLimit } from './memory-limit.js';

const terms = { cacheBytes: 256e6, processes: 2, connections: 8000 };

it('adds up its terms, and says them', () => {
  expect(memoryLimit(terms)).toBe(320e6 + 200e6 + 160e6);
  expect(sayMemoryLimit(terms)).toBe(
    '680 MB = 256 MB of cache x 1.25 + 2 x 100 MB + 8,000 connections x 20 KB',
  );
});
