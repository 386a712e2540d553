import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfigFile, loadConfig } from '@eddy/edge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEPLOY, REPOSITORY } from './paths.js';
import { findProgram, verdict } from './programs.js';
import { parseUnit } from './unit-file.js';

const text = await readFile(join(DEPLOY, 'systemd', 'eddy-edge.service'), 'utf8');
const example = join(DEPLOY, 'systemd', 'edge.yaml');
const analyze = await findProgram('systemd-analyze');
/** Under CI a missing program fails the test; elsewhere the test is skipped. */
const required = process.env.CI === 'true';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eddy-systemd-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function settings(key: string): string[] {
  return parseUnit(text).flatMap((setting) => (setting.key === key ? [setting.value] : []));
}

describe('the unit', () => {
  it('checks the configuration that it then starts with', () => {
    const [start = ''] = settings('ExecStart');
    const program = '/usr/bin/node /opt/eddy/edge/bin/eddy-edge.js';
    expect(start).toBe(`${program} --config /etc/eddy/edge.yaml`);
    expect(settings('ExecStartPre')).toEqual([`${program} check-config /etc/eddy/edge.yaml`]);
  });

  it('gives the edge longer to stop than the edge gives its viewers', () => {
    const { stopDeadlineMs } = loadConfig({ file: example, env: {}, flags: {} });
    expect(settings('TimeoutStopSec')).toEqual(['20s']);
    expect(stopDeadlineMs).toBeLessThan(20_000);
    expect(settings('KillSignal')).toEqual(['SIGTERM']);
  });

  it('makes the folder that the example keeps its data in', () => {
    const { dataDir } = loadConfig({ file: example, env: {}, flags: {} });
    expect(settings('StateDirectory').map((name) => `/var/lib/${name}`)).toEqual([dataDir]);
    expect(settings('DynamicUser')).toEqual(['yes']);
  });
});

describe.skipIf(analyze === undefined && !required)(
  'systemd-analyze (skipped where it is not installed)',
  () => {
    /** The unit with the paths of this machine, so that only real mistakes are left to find. */
    const check = async (unit: string, args: readonly string[]): Promise<{ ok: boolean; says: string }> => {
      const file = join(folder, 'eddy-edge.service');
      const here = unit
        .replaceAll('/usr/bin/node', process.execPath)
        .replaceAll('/opt/eddy', REPOSITORY.replace(/\/$/, ''))
        .replace(/^Documentation=.*\n/m, '');
      await writeFile(file, here);
      return await verdict(analyze ?? 'systemd-analyze', [...args, file]);
    };

    it('finds nothing to complain about', async () => {
      expect(await check(text, ['verify'])).toEqual({ ok: true, says: '' });
    });

    it('finds the service hardly exposed', async () => {
      const { ok, says } = await check(text, ['security', '--offline=yes', '--threshold=20']);
      expect(says).toMatch(/Overall exposure level .*: 1\.\d/);
      expect(ok).toBe(true);
      const open = text
        .replace('ProtectSystem=strict\n', '')
        .replace('DynamicUser=yes\n', '')
        .replace(/^CapabilityBounding.*\n/m, '');
      expect((await check(open, ['security', '--offline=yes', '--threshold=20'])).ok).toBe(false);
    });

    it.each([
      ['a misspelt setting', 'StateDirectory=', 'StateDirectry=', /StateDirectry/],
      ['a wrong value', 'Restart=on-failure', 'Restart=on-failur', /on-failur/],
      ['a program that does not exist', 'ExecStart=/usr/bin/node', 'ExecStart=/usr/bin/noode', /noode/],
    ])('would catch %s', async (_, from, to, problem) => {
      expect(text).toContain(from);
      expect((await check(text.replace(from, to), ['verify'])).says).toMatch(problem);
    });
  },
);

describe('the example configuration', () => {
  it('is one that eddy-edge takes', () => {
    expect(() => checkConfigFile(example)).not.toThrow();
    expect(loadConfig({ file: example, env: {}, flags: {} }).cache.memoryBytes).toBe(2 * 2 ** 30);
  });

  it('would be refused with a mistake in it', async () => {
    const file = join(folder, 'edge.yaml');
    await writeFile(file, (await readFile(example, 'utf8')).replace('memoryBytes', 'memryBytes'));
    expect(() => checkConfigFile(file)).toThrowError(/cache\.memryBytes is not a setting/);
  });
});

describe('parseUnit', () => {
  it('reads sections, and refuses a line that is none', () => {
    expect(parseUnit('# a\n[Unit]\nAfter=x\n\n[Service]\nExecStart=/a --b=c\n')).toEqual([
      { section: 'Unit', key: 'After', value: 'x' },
      { section: 'Service', key: 'ExecStart', value: '/a --b=c' },
    ]);
    expect(() => parseUnit('[Unit]\nAfter x\n')).toThrowError(/line 2/);
    expect(() => parseUnit('After=x\n')).toThrow(SyntaxError);
  });
});
