import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '@eddy/edge';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ComposeFacts, composeProblems } from './compose.js';
import { DEPLOY } from './paths.js';

const text = await readFile(join(DEPLOY, 'compose', 'compose.yaml'), 'utf8');
const facts: ComposeFacts = {
  exists: (path) => existsSync(join(DEPLOY, 'compose', path)),
  commands: new Set(['eddy-edge', 'eddy-origin']),
};
const read = (source: string): unknown => parse(source, { merge: true });

interface Service {
  environment?: Record<string, string>;
  command?: string[];
  volumes?: string[];
}

function services(): Record<string, Service> {
  const document: { services: Record<string, Service> } = parse(text, { merge: true });
  return document.services;
}

describe('the compose file', () => {
  it('refers only to what exists', () => {
    expect(composeProblems(read(text), facts)).toEqual([]);
    expect(Object.keys(services())).toEqual(['edge', 'live', 'publish', 'prometheus', 'grafana']);
  });

  it('sets only variables that the edge knows', () => {
    const { edge } = services();
    expect(loadConfig({ env: edge?.environment ?? {}, flags: {} })).toMatchObject({
      origin: { url: 'file:///srv/videos' },
      listeners: { admin: { host: '0.0.0.0', port: 8081 } },
    });
    expect(() =>
      loadConfig({ env: { ...edge?.environment, EDDY_CACHE_MEMRY: '1' }, flags: {} }),
    ).toThrowError(/MEMRY/);
  });

  it('hands Prometheus the file it is told to read, and that file the address of the edge', async () => {
    const { prometheus } = services();
    const told = /--config\.file=(\S+)/.exec(prometheus?.command?.join(' ') ?? '')?.[1];
    expect(prometheus?.volumes).toContain(`../prometheus/prometheus.yaml:${told}:ro`);
    const scrape = await readFile(join(DEPLOY, 'prometheus', 'prometheus.yaml'), 'utf8');
    expect(parse(scrape)).toMatchObject({
      scrape_configs: [{ static_configs: [{ targets: ['edge:8081'] }] }],
    });
  });

  it('hands Grafana the dashboard where the provisioning looks for it', async () => {
    const { grafana } = services();
    const provider = await readFile(
      join(DEPLOY, 'grafana', 'provisioning', 'dashboards', 'eddy.yaml'),
      'utf8',
    );
    const { providers }: { providers: { options: { path: string } }[] } = parse(provider);
    const path = `${providers[0]?.options.path}/eddy-edge.json`;
    expect(grafana?.volumes).toContain(`../grafana/eddy-edge.json:${path}:ro`);
    expect(grafana?.environment?.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH).toBe(path);
  });

  it.each([
    [
      'a file that does not exist',
      '../prometheus/prometheus.yaml',
      '../prometheus/prom.yaml',
      /prom\.yaml does not exist/,
    ],
    ['a volume nobody declared', '- edge-data:/var', '- edgedata:/var', /edgedata is not declared/],
    ['a misspelt setting', 'stop_grace_period', 'stop_grace', /stop_grace is not a setting/],
    ['a misspelt part', '\nvolumes:\n  videos', '\nvolume:\n  videos', /volume is not a part/],
    ['a dependency on nobody', 'depends_on: [edge]', 'depends_on: [edges]', /depends on edges/],
    ['an image that moves', 'prom/prometheus:v3.5.0', 'prom/prometheus:latest', /not pinned/],
    ['a port for the whole world', '"127.0.0.1:${GRAFANA_PORT', '"${GRAFANA_PORT', /not 127\.0\.0\.1/],
    [
      'a Dockerfile that does not exist',
      'deploy/container/Dockerfile',
      'deploy/Dockerfile',
      /deploy\/Dockerfile does not exist/,
    ],
    ['a command that the image has not', 'eddy-origin, live', 'eddy-live, live', /no command eddy-live/],
  ])('would be caught with %s', (_, from, to, problem) => {
    expect(text).toContain(from);
    expect(composeProblems(read(text.replace(from, to)), facts).join('\n')).toMatch(problem);
  });
});
