import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '@eddy/edge';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ComposeFacts, composeProblems } from './compose.js';
import { composeSchemaProblems } from './compose-schema.js';
import { DEPLOY } from './paths.js';
import { findProgram, verdict } from './programs.js';

const FOLDER = join(DEPLOY, 'compose');
const text = await readFile(join(FOLDER, 'full.yaml'), 'utf8');
const small = await readFile(join(FOLDER, 'compose.yaml'), 'utf8');
const promtool = await findProgram('promtool');
const required = process.env.CI === 'true';
const facts: ComposeFacts = {
  exists: (path) => existsSync(join(FOLDER, path)),
  commands: new Set(['eddy-edge', 'eddy-origin']),
};
const read = (source: string): unknown => parse(source, { merge: true });
const problems = (source: string): string[] => [
  ...composeProblems(read(source), facts),
  ...composeSchemaProblems(asOf2021(read(source))),
];

/** The schema is of 2021: a file's name and waiting for an end came later. Keys that begin with x- are no services'. */
function asOf2021(document: unknown): unknown {
  const older = JSON.parse(
    JSON.stringify(document).replaceAll('service_completed_successfully', 'service_started'),
  );
  return Object.fromEntries(Object.entries(older).filter(([key]) => key !== 'name' && !key.startsWith('x-')));
}

interface Service {
  readonly environment?: Record<string, string>;
}

function edges(): [string, Service][] {
  const { services } = read(text) as { services: Record<string, Service> };
  return Object.entries(services).filter(([name]) => name.startsWith('edge-'));
}

describe('the compose file of the whole system', () => {
  it('refers only to what exists, as the specification has it', () => {
    expect(problems(text)).toEqual([]);
    expect(composeSchemaProblems(asOf2021(read(small)))).toEqual([]);
  });

  it('sets only variables that edges know, and makes siblings of them', () => {
    expect(edges()).toHaveLength(2);
    for (const [name, { environment = {} }] of edges()) {
      expect(loadConfig({ env: environment, flags: {} }), name).toMatchObject({
        name,
        origin: { url: 's3://videos/published', s3: { endpoint: 'http://s3:7070' } },
        cluster: { pop: 'here', siblingUrl: `http://${name}:8080`, bus: { urls: ['nats://nats:4222'] } },
        insight: { clickhouse: { username: 'eddy' } },
      });
    }
  });

  it('has all of its edges scraped', async () => {
    const scrape = await readFile(join(FOLDER, 'full-prometheus.yaml'), 'utf8');
    expect(parse(scrape)).toMatchObject({
      scrape_configs: [{ static_configs: [{ targets: edges().map(([name]) => `${name}:8081`) }] }],
    });
  });

  it.each([
    ['a volume nobody declared', '- buckets:/data', '- bucket:/data', /the volume bucket is not declared/],
    ['an image that moves', 'versitygw:v1.0.10', 'versitygw:latest', /not pinned/],
    ['a dependency on nobody', 's3: { condition', 's4: { condition', /depends on s4/],
    ['a condition that is not', 'service_healthy', 'service_well', /condition: must be equal to one of/],
    ['a wrong type', 'interval: 5s', 'interval: [5s]', /interval: must be string/],
    ['a setting that is not', 'read_only: true', 'readonly: true', /readonly/],
    ['a port for the whole world', '"127.0.0.1:$', '"0.0.0.0:$', /not 127\.0\.0\.1/],
  ])('would be caught with %s', (_, from, to, problem) => {
    expect(text).toContain(from);
    expect(problems(text.replace(from, to)).join('\n')).toMatch(problem);
  });
});

describe.skipIf(promtool === undefined && !required)('promtool (skipped where it is not installed)', () => {
  it('takes the scrape of the whole system', async () => {
    const file = join(FOLDER, 'full-prometheus.yaml');
    expect(await verdict(promtool ?? 'promtool', ['check', 'config', file])).toMatchObject({ ok: true });
  });
});
