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

/** A burst, and then nothing; V8 itself says when it thinks of giving memory back, here after a tenth of a second. */
const BURST = `
  require('node:v8').setFlagsFromString('--gc-memory-reducer-start-delay-ms=100');
  if (process.argv[1] !== '') require(process.argv[1]);
  let kept = Array.from({ length: 40 }, () => new Array(131_072).fill(0));
  setImmediate(() => {
    kept = undefined;
    globalThis.gc();
    setTimeout(() => console.log('over'), 2000);
  });
`;

function saidOf(burst: string, before: string, ...flags: string[]): string {
  const argv = [...flags, '--trace-gc-verbose', '--expose-gc', '-e', burst, before];
  const { stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  expect(stdout).toContain('over');
  return stdout;
}

describe('the heap of an edge', () => {
  it('is not compacted in a quiet moment, amid hits', { timeout: 60_000 }, () => {
    const before = fileURLToPath(new URL('../bin/before.js', import.meta.url));
    expect(saidOf(BURST, '')).toContain('Memory reducer');
    expect(saidOf(BURST, before)).not.toContain('Memory reducer');
    // The command line is obeyed.
    const asked = saidOf(BURST, before, '--gc_memory_reducer_start_delay_ms=100');
    expect(asked).toContain('Memory reducer');
  });

  it('does not grow to a multiple of what is alive', { timeout: 60_000 }, () => {
    const [free, bounded] = [peakOf('free'), peakOf('bounded')];
    expect(bounded).toBeLessThan(0.75 * free);
  });
});
