import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEPLOY } from './paths.js';
import { findProgram, verdict } from './programs.js';
import { readRules, yamlFiles } from './rules.js';

const original = join(DEPLOY, 'alertmanager', 'alertmanager.yaml');
const amtool = await findProgram('amtool');
/** Under CI a missing program fails the test; elsewhere the test is skipped. */
const required = process.env.CI === 'true';

it('names only alerts that there are', async () => {
  const { alerts } = readRules([...(await yamlFiles(join(DEPLOY, 'prometheus', 'rules'))).values()]);
  const names = new Set(alerts.map(({ name }) => name));
  const named = [...(await readFile(original, 'utf8')).matchAll(/alertname!?="(\w+)"/g)];
  expect(named.length).toBeGreaterThan(5);
  for (const [, name] of named) expect(names).toContain(name);
});

describe.skipIf(amtool === undefined && !required)('amtool (skipped where it is not installed)', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eddy-alertmanager-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = (...args: string[]): Promise<{ ok: boolean; says: string }> =>
    verdict(amtool ?? 'amtool', args);

  it('takes the example, which sends pages to whoever is on call and tickets to the mailbox', async () => {
    expect(await run('check-config', original)).toMatchObject({ ok: true });
    const receiver = async (...labels: string[]): Promise<string> =>
      (await run('config', 'routes', 'test', `--config.file=${original}`, ...labels)).says;
    expect(await receiver('severity=page', 'alertname=EddyEdgeDown')).toMatch(/^on-call$/m);
    expect(await receiver('severity=ticket', 'alertname=EddyDiskFull')).toMatch(/^mailbox$/m);
  });

  it.each([
    ['a receiver that is not there', 'receiver: on-call', 'receiver: on_call'],
    ['a misspelt key', 'repeat_interval', 'repeat_intervall'],
    ['a condition that is none', 'severity="page"', 'severity="page'],
  ])('would catch %s', async (_, from, to) => {
    const text = await readFile(original, 'utf8');
    expect(text).toContain(from);
    const file = join(folder, 'alertmanager.yaml');
    await writeFile(file, text.replace(from, to));
    expect(await run('check-config', file)).toMatchObject({ ok: false });
  });
});
