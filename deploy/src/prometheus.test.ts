import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEPLOY } from './paths.js';
import { findProgram, verdict } from './programs.js';

const original = join(DEPLOY, 'prometheus', 'prometheus.yaml');
const promtool = await findProgram('promtool');
/** Under CI a missing program fails the test; elsewhere the test is skipped. */
const required = process.env.CI === 'true';

describe.skipIf(promtool === undefined && !required)('promtool (skipped where it is not installed)', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eddy-prometheus-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const check = (file: string): Promise<{ ok: boolean; says: string }> =>
    verdict(promtool ?? 'promtool', ['check', 'config', file]);

  it('takes the scrape configuration', async () => {
    expect(await check(original)).toMatchObject({ ok: true });
  });

  it.each([
    ['a misspelt key', 'static_configs', 'static_config', /static_config/],
    ['a timeout longer than the interval', 'scrape_timeout: 5s', 'scrape_timeout: 50s', /scrape timeout/],
    ['an address that is none', 'edge:8081', 'http://edge:8081/metrics', /not a valid hostname/],
  ])('would catch %s', async (_, from, to, problem) => {
    const text = await readFile(original, 'utf8');
    expect(text).toContain(from);
    const file = join(folder, 'prometheus.yaml');
    await writeFile(file, text.replaceAll(from, to));
    const { ok, says } = await check(file);
    expect(ok).toBe(false);
    expect(says).toMatch(problem);
  });
});
