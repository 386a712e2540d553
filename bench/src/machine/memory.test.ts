import { expect, it } from 'vitest';
import { parseResidentBytes, treeMemory } from './memory.js';

it('reads the resident size, and not its peak', () => {
  expect(parseResidentBytes('Name:\tnode\nVmHWM:\t  900 kB\nVmRSS:\t  512 kB\nRssAnon:\t 1 kB\n')).toBe(
    524_288,
  );
  expect(parseResidentBytes('Name:\tkthreadd\n')).toBeUndefined();
});

it('sees this process', async () => {
  const seen = await treeMemory(process.pid);
  expect(seen.processes).toBeGreaterThanOrEqual(1);
  expect(seen.residentBytes).toBeGreaterThan(10_000_000);
});
