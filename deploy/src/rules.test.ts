import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEPLOY, REPOSITORY } from './paths.js';
import { findProgram, verdict } from './programs.js';
import { fields, list } from './queries.js';
import { readRules, yamlFiles } from './rules.js';

const PROMETHEUS = join(DEPLOY, 'prometheus');
const promtool = await findProgram('promtool');
/** Promtool evaluates days of rules: seconds on a quiet machine. */
const SLOW_MS = 120_000;
/** Under CI a missing program fails the test; elsewhere the test is skipped. */
const required = process.env.CI === 'true';
const { alerts } = readRules([...(await yamlFiles(join(PROMETHEUS, 'rules'))).values()]);
/** Questions that the tests of rules ask of what fires, and how many answers they expect. */
const asked = [...(await yamlFiles(join(PROMETHEUS, 'tests'))).values()]
  .flatMap((file) => list(fields(parse(file)).tests))
  .flatMap((test) => list(fields(test).promql_expr_test))
  .map((question) => ({
    query: String(fields(question).expr),
    firing: list(fields(question).exp_samples).length,
  }));

describe('each alert', () => {
  it('is one of few kinds, which Alertmanager tells apart', () => {
    expect(alerts.length).toBeGreaterThan(25);
    expect(new Set(alerts.map(({ severity }) => severity))).toEqual(new Set(['page', 'ticket']));
    expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
  });

  it.each(alerts.map(({ name, runbook }) => [name, runbook]))('%s has a runbook', async (name, runbook) => {
    expect(runbook).toMatch(/^docs\/operators\/runbooks\/[a-z-]+\.md$/);
    const text = await readFile(join(REPOSITORY, runbook), 'utf8');
    expect(text).toContain(`\`${name}\``);
    for (const part of ['## What it means', '## Look', '## Do']) expect(text).toContain(part);
  });

  it.each(alerts.map(({ name }) => name))('%s is seen to fire, and seen not to', (name) => {
    const cases = asked.filter(({ query }) => query.includes(`alertname="${name}"`));
    expect(cases.some(({ firing }) => firing > 0)).toBe(true);
    expect(cases.some(({ firing }) => firing === 0)).toBe(true);
  });
});

describe.skipIf(promtool === undefined && !required)('promtool (skipped where it is not installed)', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eddy-rules-'));
    await cp(PROMETHEUS, folder, { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = (...args: string[]): Promise<{ ok: boolean; says: string }> =>
    verdict(promtool ?? 'promtool', args);
  const filesIn = async (part: string): Promise<string[]> =>
    [...(await yamlFiles(join(folder, part))).keys()].map((name) => join(folder, part, name));
  const change = async (file: string, from: string, to: string): Promise<void> => {
    const text = await readFile(join(folder, file), 'utf8');
    expect(text).toContain(from);
    await writeFile(join(folder, file), text.replaceAll(from, to));
  };

  it(
    'takes the rules, and they do what their tests say',
    async () => {
      for (const [verb, part] of [['check', 'rules'] as const, ['test', 'tests'] as const]) {
        const { ok, says } = await run(verb, 'rules', ...(await filesIn(part)));
        expect(ok, says).toBe(true);
      }
    },
    SLOW_MS,
  );

  it.each([
    ['a function that is none', 'rules/disk.yaml', 'rate(', 'ratio(', /unknown function/],
    ['a key that is none', 'rules/edge.yaml', 'for: 2m', 'fore: 2m', /fore/],
    [
      'a template that is none',
      'rules/swarm.yaml',
      '{{ $labels.region }}',
      '{{ $label.region }}',
      /undefined variable/,
    ],
  ])('would catch %s', async (_, file, from, to, problem) => {
    await change(file, from, to);
    const { ok, says } = await run('check', 'rules', join(folder, file));
    expect(ok).toBe(false);
    expect(says).toMatch(problem);
  });

  it.each([
    ['a threshold that is too high', 'rules/disk.yaml', '> 0.05', '> 0.5', 'disk'],
    ['one that is too low', 'rules/disk.yaml', '> 0.05', '> 0.005', 'disk'],
    ['a state that means well', 'rules/disk.yaml', 'state="failed"', 'state="ok"', 'disk'],
    ['failures that count what is missing', 'rules/recording.yaml', '"[234]xx|', '"[23]xx|', 'origin'],
    [
      'slow starts that are the quick ones',
      'rules/recording.yaml',
      'expr: 1 - sum by (region) (rate(eddy_player_startup',
      'expr: sum by (region) (rate(eddy_player_startup',
      'slow-objectives',
    ],
    ['a test that expects too much', 'tests/disk.yaml', 'value: 2', 'value: 3', 'disk'],
    [
      'a test that expects nothing',
      'tests/disk.yaml',
      `[{ labels: '{alertname="EddyDiskFull"}', value: 1 }]`,
      '[]',
      'disk',
    ],
  ])(
    'would catch %s',
    async (_, file, from, to, test) => {
      await change(file, from, to);
      expect(await run('test', 'rules', join(folder, 'tests', `${test}.yaml`))).toMatchObject({ ok: false });
    },
    SLOW_MS,
  );
});
