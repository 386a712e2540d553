import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Keeps 60 MB and lets ten times as much pass; prints what the heap took at most. */
const CHURN = `
  const { boundHeapGrowth } = await import(process.argv[1]);
  if (process.argv[2] === 'bounded') boundHeapGrowth();
  const megabyte = () => new Array(131_072).fill(0);
  const kept = Array.from({ length: 60 }, megabyte);
  const passing = [];
  globalThis.gc();
  let peak = 0;
  for (let round = 0; round < 600; round++) {
    passing[round % 20] = megabyte();
    peak = Math.max(peak, process.memoryUsage().heapTotal);
  }
  console.log(kept.length > 0 ? peak : 0);
`;

function peakOf(word: string): number {
  const module = new URL('../dist/heap-growth.js', import.meta.url).href;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', '--input-type=module', '-e', CHURN, module, word],
    {
      encoding: 'utf8',
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    },
  );
  if (stdout === '') throw new Error(stderr);
  return Number(stdout);
}

describe('the heap of an edge', () => {
  it('does not grow to a multiple of what is alive', { timeout: 60_000 }, () => {
    const [free, bounded] = [peakOf('free'), peakOf('bounded')];
    expect(bounded).toBeLessThan(0.75 * free);
  });
});
