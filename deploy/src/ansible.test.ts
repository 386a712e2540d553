import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANSIBLE, copyPlaybooks, missing, type Playbooks, saysOf } from './ansible-fixture.js';

const PLAYBOOKS = (await readdir(ANSIBLE)).filter((name) => name.endsWith('.yaml'));

/** Files in which a mistake is made below, and what the linter calls it. */
const MISTAKES = [
  ['eddy/tasks/verify', 'yaml\\[key-duplicates\\]'],
  ['eddy/tasks/release', 'risky-file-permissions'],
  ['eddy_firewall/tasks/main', 'fqcn'],
  ['eddy_balancer/handlers/main', 'name\\[casing\\]'],
] as const;

let copy: Playbooks;
beforeAll(async () => {
  copy = await copyPlaybooks();
  // Mistakes, each in a file of its own: what is checked finds all of them in one run.
  await copy.change('roles/eddy/tasks/verify.yaml', '  delay: 1', '  delay: 1\n  delay: 2');
  await copy.change('roles/eddy/tasks/release.yaml', '        mode: "0755"\n', '');
  await copy.change('roles/eddy_firewall/tasks/main.yaml', 'ansible.builtin.template', 'template');
  await copy.change('roles/eddy_balancer/handlers/main.yaml', '- name: Reload', '- name: reload');
});
afterAll(() => copy.remove());

describe.skipIf(await missing('ansible-playbook'))(
  'ansible-playbook (skipped where it is not installed)',
  () => {
    it('can read all playbooks', async () => {
      expect(PLAYBOOKS.length).toBeGreaterThan(5);
      expect(
        await saysOf({ folder: ANSIBLE }, 'ansible-playbook', ['--syntax-check', ...PLAYBOOKS]),
      ).toMatchObject({
        ok: true,
      });
    });

    it('would not read a role that does not exist', async () => {
      await copy.change('balancers.yaml', 'role: eddy_balancer', 'role: eddy_balncer');
      const { ok, says } = await saysOf(copy, 'ansible-playbook', ['--syntax-check', 'balancers.yaml']);
      expect(ok).toBe(false);
      expect(says).toMatch(/role 'eddy_balncer' was not found/);
      await copy.change('balancers.yaml', 'role: eddy_balncer', 'role: eddy_balancer');
    });
  },
);

describe.skipIf(await missing('ansible-lint', 'yamllint'))('lint (skipped where it is not installed)', () => {
  it('finds nothing in the profile "production"', { timeout: 240_000 }, async () => {
    expect(await saysOf({ folder: ANSIBLE }, 'ansible-lint', ['-q', '-p'])).toEqual({ ok: true, says: '' });
    expect(await saysOf({ folder: ANSIBLE }, 'yamllint', ['--strict', '.'])).toEqual({ ok: true, says: '' });
  });

  it('would find mistakes', { timeout: 240_000 }, async () => {
    const files = MISTAKES.map(([file]) => `roles/${file}.yaml`);
    const { says } = await saysOf(copy, 'ansible-lint', ['-q', '-p', ...files]);
    for (const [file, rule] of MISTAKES) {
      expect(says).toMatch(new RegExp(`${file}\\.yaml:\\d+:.*(${rule})`));
    }
    expect((await saysOf(copy, 'yamllint', ['.'])).says).toMatch(/duplication of key "delay"/);
  });
});
