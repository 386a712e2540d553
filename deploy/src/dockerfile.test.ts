import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '@eddy/edge';
import { describe, expect, it } from 'vitest';
import { dockerfileProblems, linkedCommands, parseStages, type RepositoryFacts } from './dockerfile.js';
import { contextFilter } from './dockerignore.js';
import { DEPLOY, REPOSITORY } from './paths.js';

const text = await readFile(join(DEPLOY, 'container', 'Dockerfile'), 'utf8');
const { workspaces }: { workspaces: string[] } = JSON.parse(
  await readFile(join(REPOSITORY, 'package.json'), 'utf8'),
);
const facts: RepositoryFacts = {
  exists: (path) => existsSync(join(REPOSITORY, path)),
  inContext: contextFilter(await readFile(join(REPOSITORY, '.dockerignore'), 'utf8')),
  workspaces,
};

describe('the Dockerfile', () => {
  it('copies what exists, installs every workspace and runs as nobody in particular', () => {
    expect(dockerfileProblems(text, facts)).toEqual([]);
  });

  it('has both commands', () => {
    const stages = parseStages(text);
    expect([...linkedCommands(stages).keys()]).toEqual(['eddy-edge', 'eddy-origin']);
    expect(stages.at(-1)?.instructions.at(-1)?.text).toBe('CMD ["eddy-edge"]');
  });

  it('sets only variables that the edge knows', () => {
    const env = Object.fromEntries(
      [...text.matchAll(/\b(EDDY_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
    );
    const config = loadConfig({ env: { ...env, EDDY_ORIGIN: 'file:///srv/videos' }, flags: {} });
    expect(config).toMatchObject({
      dataDir: '/var/lib/eddy',
      listeners: { public: { host: '0.0.0.0', port: 8080 } },
    });
    expect(() => loadConfig({ env: { ...env, EDDY_LISTENN: '1' }, flags: {} })).toThrowError(/EDDY_LISTENN/);
  });

  it.each([
    ['a file that does not exist', 'COPY tsconfig.json', 'COPY tsconfg.json', /tsconfg\.json does not exist/],
    ['a file kept from the builder', 'COPY tsconfig.json', 'COPY README.md', /README\.md is kept out/],
    ['a folder that no stage has', '/app/edge/bin', '/app/edge/bins', /edge\/bins does not exist/],
    ['a stage that does not exist', '--from=production', '--from=prod', /no stage prod/],
    ['a workspace left out', 'COPY bench/package.json bench/\n', '', /bench\/package\.json is not copied/],
    ['root', 'USER 1000:1000', 'USER 0', /runs as 0/],
    ['no user', 'USER 1000:1000\n', '', /runs as root/],
    [
      'a name that moves',
      'node:20.20.2-bookworm-slim',
      'node:lts-slim',
      /node:lts-slim is not a slim Node 20/,
    ],
    ['a misspelt instruction', 'EXPOSE 8080', 'EXPOS 8080', /Unknown instruction: EXPOS/],
    ['an unknown flag', '--interval=10s', '--interva=10s', /Unknown flag: interva/],
    [
      'a health check by curl',
      '"node", "/usr/local/lib/eddy/healthcheck.mjs"',
      '"curl", "localhost"',
      /slim images do not have/,
    ],
    ['a shell before the edge', 'CMD ["eddy-edge"]', 'CMD eddy-edge', /signals would end/],
    [
      'a command that leads nowhere',
      'bin/eddy-edge.js /usr',
      'bin/edge.js /usr',
      /eddy-edge leads to edge\/bin\/edge\.js/,
    ],
  ])('would be caught with %s', (_, from, to, problem) => {
    expect(text).toContain(from);
    expect(dockerfileProblems(text.replace(from, to), facts).join('\n')).toMatch(problem);
  });
});

describe('contextFilter', () => {
  const sees = contextFilter('# all but\n*\n!edge\n!a/b.json\n**/node_modules\nedge/*.tmp\n');

  it.each([
    ['edge/src/index.ts', true],
    ['a/b.json', true],
    ['README.md', false],
    ['a/c.json', false],
    ['edge/node_modules/x.js', false],
    ['edge/deep/node_modules', false],
    ['edge/x.tmp', false],
    ['edge/deep/x.tmp', true],
  ])('%s: %s', (path, seen) => {
    expect(sees(path)).toBe(seen);
  });
});
