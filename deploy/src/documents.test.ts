import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY } from './paths.js';
import { readRules, yamlFiles } from './rules.js';

const OPERATORS = join(REPOSITORY, 'docs', 'operators');

async function pages(): Promise<string[]> {
  const names = await readdir(OPERATORS, { recursive: true });
  return names.filter((name) => name.endsWith('.md')).map((name) => join(OPERATORS, name));
}

/** Files that a page's links name, as they would be from there. */
function linked(page: string, text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets
    .filter((target) => !/^(https?:|#)/.test(target))
    .map((target) => join(dirname(page), target.split('#', 1)[0] ?? ''));
}

it('links of the operators’ documents lead somewhere', async () => {
  const all = await pages();
  expect(all.length).toBeGreaterThan(20);
  const broken: string[] = [];
  for (const page of all) {
    for (const target of linked(page, await readFile(page, 'utf8'))) {
      const found = await stat(target).catch(() => undefined);
      if (found === undefined) broken.push(`${relative(REPOSITORY, page)}: ${relative(REPOSITORY, target)}`);
    }
  }
  expect(broken).toEqual([]);
});

it('would be caught with a link that leads nowhere', () => {
  expect(linked('/docs/a.md', '[one](b.md#part), [two](https://x.example), [three](#here)')).toEqual([
    '/docs/b.md',
  ]);
});

it('the list of runbooks has every page, and each page only alerts that there are', async () => {
  const folder = join(OPERATORS, 'runbooks');
  const { alerts } = readRules([...(await yamlFiles(join(REPOSITORY, 'deploy/prometheus/rules'))).values()]);
  const known = new Set(alerts.map(({ name }) => name));
  const index = await readFile(join(folder, 'README.md'), 'utf8');
  for (const name of await readdir(folder)) {
    if (name !== 'README.md') expect(index).toContain(`(${name})`);
    const text = await readFile(join(folder, name), 'utf8');
    for (const [, alert = ''] of text.matchAll(/`(Eddy[A-Z]\w+)`/g)) expect(known).toContain(alert);
  }
});
