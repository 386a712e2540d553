import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bench, BenchOptions } from './bench.js';
import { BenchError } from './errors.js';
import { main } from './main.js';
import type { Report } from './report/report.js';

const report: Report = {
  schema: 1,
  bench: 'demo',
  title: 'A beside B',
  startedAt: '2026-01-02T03:04:05.000Z',
  durationSeconds: 1,
  machine: {
    cpuModel: 'CPU',
    cores: 2,
    memoryGiB: 4,
    kernel: 'Linux 6',
    system: 'Debian',
    nodeVersion: '20.20.2',
  },
  method: ['Measured.'],
  contenders: [],
  metrics: [{ key: 'speed', label: 'speed', unit: 'bytes/s', better: 'higher' }],
  workloads: [
    {
      name: 'load',
      description: 'a load',
      headline: 'speed',
      rows: [
        { contender: 'A', summary: { speed: { median: 4_123_456_700.5, min: 4e9, max: 5e9, spread: 0.25 } } },
      ],
      comparisons: [
        {
          family: 'B',
          against: 'B tuned',
          metric: 'speed',
          ratio: { median: 0.95, min: 0.9, max: 1, spread: 0.1 },
          rounds: [0.9, 0.95, 1],
        },
      ],
      turns: [],
    },
  ],
  warnings: ['something'],
};

let folder: string;
let out: string;
let shown: string;
let options: BenchOptions | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eddy-bench-main-'));
  out = '';
  shown = '';
  options = undefined;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const demo: Bench = {
  name: 'demo',
  summary: 'measures nothing',
  run: async ({ progress }, given) => {
    options = given;
    progress('round 1');
    return report;
  },
};

function call(args: string[], bench: Bench = demo, signal = new AbortController().signal): Promise<number> {
  return main(args, {
    out: (text) => {
      out += text;
    },
    progress: (line) => {
      shown += `${line}\n`;
    },
    signal,
    benches: [bench],
  });
}

describe('bench', () => {
  it('shows progress apart from the table', async () => {
    expect(await call(['demo'])).toBe(0);
    expect(shown).toBe('round 1\n');
    expect(out).toContain('A beside B');
    expect(out).toMatch(/^A +4\.12 GB\/s +25%$/m);
    expect(out).toContain('beside B: 0.95x of B tuned (0.90 to 1.00 over 3 rounds)');
    expect(out).toContain('Mind: something');
  });

  it('writes everything to a file, rounded', async () => {
    const file = join(folder, 'out.json');
    expect(await call(['demo', '--json', file, '--rounds', '3', '--warm-up', '0'])).toBe(0);
    const written: unknown = JSON.parse(await readFile(file, 'utf8'));
    expect(written).toMatchObject({ bench: 'demo', method: ['Measured.'], schema: 1 });
    expect(written).toHaveProperty('workloads.0.rows.0.summary.speed.median', 4_123_000_000);
    expect(options).toMatchObject({ rounds: 3, seconds: 2, warmUpSeconds: 0 });
  });

  it('writes the tables of a bench that has some into the Markdown beside the file', async () => {
    const tabled: Bench = { ...demo, tables: ({ title }) => `| ${title} |` };
    const [json, beside] = [join(folder, 'out.json'), join(folder, 'out.md')];
    expect(await call(['demo', '--json', json], tabled)).toBe(0);
    await writeFile(
      beside,
      'a\n<!-- demo: written by `npm run bench -- demo --json` -->\nold\n<!-- /demo -->\nb\n',
    );
    expect(await call(['demo', '--json', json], tabled)).toBe(0);
    const written = await readFile(beside, 'utf8');
    expect(written).toContain('-->\n\n| A beside B |\n\n<!-- /demo -->\nb\n');
    expect(written).not.toContain('old');
  });

  it('takes how often and how long from the bench where nothing is given', async () => {
    const slow: Bench = { ...demo, defaults: { rounds: 1, seconds: 60 } };
    expect(await call(['demo'], slow)).toBe(0);
    expect(options).toMatchObject({ rounds: 1, seconds: 60 });
    expect(options).not.toHaveProperty('keep');
    expect(await call(['demo', '--runs', '3', '--contenders', 'a, b', '--keep', folder], slow)).toBe(0);
    expect(options).toMatchObject({ rounds: 3, seconds: 60, contenders: ['a', 'b'], keep: folder });
  });

  it('passes on what is to be changed about a simulation, and no seconds that nobody asked for', async () => {
    await call(['demo', '--viewers', '50', '--up', '5', '--schedule', 'fastMs=300, rankStepMs=50']);
    expect(options?.simulation).toEqual({ viewers: 50, up: 5, schedule: { fastMs: 300, rankStepMs: 50 } });
    await call(['demo', '--seconds', '30']);
    expect(options?.simulation).toEqual({ seconds: 30 });
    options = undefined;
    expect(await call(['demo', '--schedule', 'fastMs'])).toBe(2);
    expect(options).toBeUndefined();
  });

  it('finds out before it measures that the file cannot be written', async () => {
    expect(await call(['demo', '--json', join(folder, 'absent', 'out.json')])).toBe(1);
    expect(options).toBeUndefined();
    expect(shown).toContain('ENOENT');
  });

  it.each([[['nothing']], [[]]])('lists the names it knows for %j', async (args) => {
    expect(await call(args)).toBe(2);
    expect(shown).toContain('demo       measures nothing');
    expect(out).toBe('');
  });

  it.each([
    [['demo', '--rounds', '0']],
    [['demo', '--rounds', '1.5']],
    [['demo', '--tempo']],
    [['demo', 'more']],
  ])('refuses %j as used wrongly', async (args) => {
    expect(await call(args)).toBe(2);
    expect(options).toBeUndefined();
  });

  it('says what failed, with its code', async () => {
    const failing: Bench = {
      ...demo,
      run: () => Promise.reject(new BenchError('load-failed', 'three requests failed')),
    };
    expect(await call(['demo'], failing)).toBe(1);
    expect(shown).toBe('three requests failed (load-failed)\n');
  });

  it('says that it was interrupted', async () => {
    const controller = new AbortController();
    const stuck: Bench = {
      ...demo,
      run: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    };
    const code = call(['demo'], stuck, controller.signal);
    controller.abort();
    expect(await code).toBe(130);
    expect(shown).toContain('Interrupted');
  });
});
