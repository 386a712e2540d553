import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkConfigFile, loadConfig } from '@eddy/edge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyPlaybooks, missing, type Playbooks, saysOf } from './ansible-fixture.js';
import { findProgram, verdict } from './programs.js';
import { parseUnit } from './unit-file.js';

const PROGRAMS = ['ansible-playbook', 'haproxy', 'nginx', 'nft', 'systemd-analyze'];

describe.skipIf(await missing(...PROGRAMS))('what is written on hosts (skipped without the programs)', () => {
  let copy: Playbooks;
  let rendered: string;
  beforeAll(async () => {
    copy = await copyPlaybooks();
    rendered = join(copy.folder, 'rendered');
    const { ok, says } = await saysOf(copy, 'ansible-playbook', [
      ...['render.yaml', '--limit', 'eu-1,us-1,balancers', '-e', `eddy_render=${rendered}`],
      ...[
        '-e',
        'eddy_balancer_port=18080',
        '-e',
        'eddy_keys_file=keys.json',
        '-e',
        'eddy_firewall_public=false',
      ],
    ]);
    if (!ok) throw new Error(says);
  }, 300_000);
  afterAll(() => copy.remove());

  const text = (file: string): Promise<string> => readFile(join(rendered, file), 'utf8');

  it('is there for the hosts that were asked for', async () => {
    const hosts = (await readdir(rendered)).map((name) => name.split('.', 1)[0]);
    expect([...new Set(hosts)].sort()).toEqual(['eu-1', 'eu-lb', 'us-1', 'us-lb']);
  });

  it('are settings that the edge takes, from all hosts down to one', async () => {
    const [eu, us] = ['eu-1', 'us-1'].map((host) => {
      const file = join(rendered, `${host}.edge.yaml`);
      checkConfigFile(file);
      return loadConfig({ file, env: {}, flags: {} });
    });
    expect(eu).toMatchObject({
      name: 'eu-1',
      origin: { url: 's3://videos/published', s3: { region: 'eu-central-1' } },
      listeners: { admin: { host: '10.10.0.11', port: 8081 } },
      siblings: {
        self: 'http://10.10.0.11:8080/',
        urls: ['http://10.10.0.11:8080/', 'http://10.10.0.12:8080/'],
      },
      access: { keysFile: '/etc/eddy/keys' },
      cache: { memoryBytes: 2 * 2 ** 30 },
      dataDir: '/var/lib/eddy-edge',
    });
    expect(us).toMatchObject({ origin: { url: 's3://videos-us/published', s3: { region: 'us-east-1' } } });
  });

  it('is a unit that starts the release in use and may read its settings', async () => {
    const unit = parseUnit(await text('eu-1.eddy-edge.service'));
    const value = (key: string): string[] => unit.flatMap((line) => (line.key === key ? [line.value] : []));
    expect(value('ExecStart')).toEqual([
      '/usr/bin/node /opt/eddy/current/edge/bin/eddy-edge.js --config /etc/eddy/edge.yaml',
    ]);
    expect(unit).toContainEqual({ section: 'Service', key: 'SupplementaryGroups', value: 'eddy' });
    expect(value('WantedBy')).toEqual(['multi-user.target']);
  });

  /** What the program says of a rendered file, as it is and with a mistake in it. */
  const judged = async (
    file: string,
    args: readonly string[],
    mistake?: readonly [string, string],
  ): Promise<{ ok: boolean; says: string }> => {
    const path = join(rendered, file);
    const given = await text(file);
    if (mistake !== undefined) expect(given).toContain(mistake[0]);
    const judgedPath = mistake === undefined ? path : `${path}.wrong`;
    if (mistake !== undefined) await writeFile(judgedPath, given.replace(...mistake));
    const [program = '', ...rest] = args;
    return await verdict((await findProgram(program)) ?? `/usr/sbin/${program}`, [...rest, judgedPath]);
  };

  it.each([
    ['eu-lb.haproxy.cfg', ['haproxy', '-c', '-f'], ['option httpchk', 'option httpchek'], /unknown option/],
    ['us-lb.nginx.conf', ['nginx', '-t', '-c'], ['least_conn;', 'least_con;'], /unknown directive/],
    ['eu-1.firewall.nft', ['nft', '--check', '--file'], ['saddr {', 'sadr {'], /syntax error/],
  ] as const)(
    '%s is taken by its program, and a mistake in it is not',
    async (file, args, mistake, problem) => {
      const good = await judged(file, args);
      expect(good.ok, good.says).toBe(true);
      const bad = await judged(file, args, mistake);
      expect(bad.ok).toBe(false);
      expect(bad.says).toMatch(problem);
    },
  );

  it('opens the public port to balancers and edges alone where that is asked for', async () => {
    const rules = await text('eu-1.firewall.nft');
    expect(rules).toContain('tcp dport { 8081, 8082 } ip saddr { 10.10.0.10, 10.20.0.10 } accept');
    expect(rules).toMatch(/tcp dport \{ 8080 \} ip saddr \{ 10\.10\.0\.10, .*10\.20\.0\.12 \} accept/);
    expect(rules.match(/drop$/gm)).toHaveLength(2);
  });
});
