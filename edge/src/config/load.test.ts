import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Cleanup, temporaryFolder } from '../testing/edge-fixture.js';
import { ConfigError } from './config-error.js';
import { checkConfigFile, loadConfig } from './load.js';
import { checkSettings, parseEdgeConfig } from './schema.js';
import { parseDuration, parseSize } from './units.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function file(text: string): Promise<string> {
  const path = join(await temporaryFolder(cleanup), 'edge.yaml');
  await writeFile(path, text);
  return path;
}

function problems(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const oidc = { issuer: 'https://id.example', clientId: 'eddy', publicUrl: 'https://figures.example' };

describe('units', () => {
  it.each([
    ['256MiB', 268_435_456],
    ['1.5g', 1_610_612_736],
    ['10MB', 10_000_000],
    ['4096', 4096],
    ['4 kib', 4096],
    ['-1', undefined],
    ['1x', undefined],
    ['', undefined],
  ])('reads the size %s', (text, bytes) => expect(parseSize(text)).toBe(bytes));
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['7d', 604_800_000],
    ['30', 30],
    ['s', undefined],
  ])('reads the duration %s', (text, ms) => expect(parseDuration(text)).toBe(ms));
});

describe('figures of several edges', () => {
  const several = {
    origin: { url: 'file:///v' },
    siblings: { self: 'http://a:1', urls: ['http://a:1', 'http://b:2'] },
  };
  const secret = 'sixteen characters';

  it.each([
    ['siblings', several],
    ['edges to meet at', { origin: several.origin, swarm: { meet: ['https://b.example'] } }],
  ])('must be kept in one place where there are %s', (_, settings) => {
    expect(problems(() => parseEdgeConfig(settings))).toEqual([
      expect.stringContaining('insight: is kept by each'),
    ]);
  });

  it.each([
    { clickhouse: { url: 'http://db:8123' } },
    { forward: { to: 'http://a:8081', secret } },
    { collect: { secret } },
    { enabled: false },
  ])('are, with %o', (insight) => {
    expect(problems(() => parseEdgeConfig({ ...several, insight }))).toEqual([]);
  });

  it.each([
    [{ forward: { to: 'http://a:8081' } }, 'insight.forward: needs both'],
    [{ forward: { to: 'http://a:8081', secret: 'short' } }, 'fewer than 16'],
    [{ forward: { to: 'http://a:8081', secret }, collect: { secret } }, 'insight.collect'],
    [{ forward: { to: 'http://a:8081', secret }, clickhouse: { url: 'http://db:8123' } }, 'insight.forward'],
    [{ pop: 'Frankfurt am Main' }, 'insight.pop'],
    [{ access: {} }, 'insight.access: names nobody who logs people in'],
    [{ access: { trustedProxies: ['10.0.0.0/40'] } }, 'is not an address range'],
    [{ access: { oidc: { ...oidc, issuer: 'http://id.example' } } }, 'oidc.issuer: is not an https URL'],
    [{ access: { oidc: { ...oidc, clientSecretFile: 'x', clientSecret: 'y' } } }, 'give one of both'],
    [{ access: { oidc: { ...oidc, scopes: ['email'] } } }, 'lacks openid'],
    [{ access: { oidc: { ...oidc, allow: ['site.example'] } } }, 'is not an address or a domain'],
  ])('refuse %o', (insight, problem) => {
    expect(problems(() => parseEdgeConfig({ origin: several.origin, insight })).join()).toContain(problem);
  });
});

describe('who may read figures', () => {
  const listeners = { insight: '0.0.0.0:8082' };

  it('is named in the environment, too', () => {
    const env = {
      EDDY_ORIGIN: 'file:///x',
      EDDY_INSIGHT_ACCESS_OIDC_ISSUER: oidc.issuer,
      EDDY_INSIGHT_ACCESS_OIDC_CLIENT_ID: oidc.clientId,
      EDDY_INSIGHT_ACCESS_OIDC_PUBLIC_URL: oidc.publicUrl,
      EDDY_INSIGHT_ACCESS_OIDC_ALLOW: '@site.example, ann@other.example',
    };
    expect(loadConfig({ env, flags: {} }).insight.access).toMatchObject({
      ...{ trustedProxies: [], userHeader: 'X-Forwarded-User', sessionMs: 12 * 3_600_000 },
      oidc: { ...oidc, scopes: ['openid', 'email'], allow: ['@site.example', 'ann@other.example'] },
    });
  });

  it.each([
    [{ listeners }, 1],
    [{ listeners: { insight: '[::]:1' } }, 1],
    [{}, 0],
    [{ listeners: { insight: '[::1]:8082' } }, 0],
    [{ listeners, insight: { access: { trustedProxies: ['10.0.0.0/8'] } } }, 0],
    [{ listeners, insight: { enabled: false } }, 0],
    [{ listeners, insight: { forward: { to: 'http://a:8081', secret: 'sixteen characters' } } }, 0],
  ])('is asked for where %o', (settings, warnings) => {
    expect(checkSettings(settings)).toHaveLength(warnings);
  });
});

describe('loadConfig', () => {
  it('lets environment win over file and flags over both', async () => {
    const path = await file('origin: { url: "file:///file" }\ncache: { memoryBytes: 32MiB }\nworkers: 1\n');
    const env = { EDDY_ORIGIN: 'file:///env', EDDY_CACHE_MEMORY: '64MiB', EDDY_LISTEN: ':9000' };
    const config = loadConfig({ file: path, env, flags: { cacheMemory: '128MiB' } });
    expect(config.origin.url).toBe('file:///env');
    expect(config.cache.memoryBytes).toBe(128 * 1024 * 1024);
    expect(config.listeners.public).toEqual({ host: '0.0.0.0', port: 9000 });
    expect(config.listeners.admin).toEqual({ host: '127.0.0.1', port: 8081 });
  });

  it('takes the disk tier from environment and flags, its folder made absolute', () => {
    const env = { EDDY_ORIGIN: 'file:///x', EDDY_CACHE_DISK: '2GiB', EDDY_CACHE_DISK_OBJECTS: '5000' };
    const { cache } = loadConfig({ env, flags: { cacheDir: 'objects' } });
    expect(cache).toMatchObject({ dir: resolve('objects'), diskBytes: 2 * 1024 ** 3, diskObjects: 5000 });
    expect(loadConfig({ env, flags: {} }).cache.dir).toBeUndefined();
  });

  it('reads JSON, and the file named by EDDY_CONFIG', async () => {
    const path = await file(
      JSON.stringify({ origin: { url: 's3://bucket/a' }, swarm: { holdoutPercent: 2.5 } }),
    );
    const config = loadConfig({ env: { EDDY_CONFIG: path }, flags: {} });
    expect([config.origin.url, config.swarm.holdoutPercent]).toEqual(['s3://bucket/a', 2.5]);
  });

  it('names every unknown key by its path', async () => {
    const path = await file(
      'cach: {}\norigin: { url: "file:///x", s3: { regoin: x } }\nlimits: { fils: 1 }\n',
    );
    expect(problems(() => loadConfig({ file: path, env: {}, flags: {} }))).toEqual(
      expect.arrayContaining([
        'cach is not a setting',
        'origin.s3.regoin is not a setting',
        'limits.fils is not a setting',
      ]),
    );
  });

  it('refuses unknown EDDY_ variables, but not those that Kubernetes sets', () => {
    const env = {
      EDDY_ORIGIN: 'file:///x',
      EDDY_EDGE_SERVICE_HOST: '10.0.0.1',
      EDDY_EDGE_PORT_8080_TCP_ADDR: 'x',
    };
    expect(problems(() => loadConfig({ env, flags: {} }))).toEqual([]);
    expect(problems(() => loadConfig({ env: { ...env, EDDY_CACHE_MEMROY: '1g' }, flags: {} }))).toEqual([
      'EDDY_CACHE_MEMROY is not a variable that eddy-edge knows',
    ]);
  });

  it.each([
    ['origin: { url: "ftp://x/" }', /origin\.url: .*unknown scheme/],
    ['origin: { url: "./videos" }', /origin\.url: .*is not a URL/],
    ['origin: { url: "file://videos/x" }', /three slashes/],
    ['origin: { url: "http://user:secret@/x y" }', /origin\.url/],
    ['cache: { dir: "" }', /cache\.dir/],
    ['cache: { dir: /x, diskBytes: 1MiB }', /cache\.diskBytes: "1MiB" is not a size of at least/],
    ['cache: { memoryBytes: lots }', /cache\.memoryBytes: "lots" is not a size/],
    ['cache: { memoryBytes: 64MiB, maxObjectBytes: 40MiB }', /cache\.maxObjectBytes: is over half/],
    ['origin: { connectMs: 2 sec }', /origin\.connectMs: "2 sec" is not a time/],
    ['listeners: { public: 8080 }', /listeners\.public/],
    ['listeners: { public: "host:70000" }', /is not HOST:PORT/],
    ['workers: 65', /workers: /],
    ['swarm: { holdoutPercent: 101 }', /holdoutPercent: 101 is not a number from 0 to 100/],
    ['swarm: { iceServers: [{ urls: ["http://x"] }] }', /iceServers\.0\.urls\.0/],
    ['origin: { s3: { accessKeyId: a } }', /given together/],
    ['a: 1\na: 2', /unique/i],
    ['- 1', /mapping/],
    ['origin: [', /edge\.yaml/],
  ])('check-config says what is wrong with %s', async (text, message) => {
    const path = await file(text);
    expect(problems(() => checkConfigFile(path)).join('\n')).toMatch(message);
  });

  it('says how to set the origin, and that a file is missing', () => {
    expect(problems(() => loadConfig({ env: {}, flags: {} }))[0]).toMatch(/--origin URL/);
    expect(problems(() => checkConfigFile('/nowhere/edge.yaml'))[0]).toMatch(/cannot be read/);
  });

  it('never shows credentials of a URL', async () => {
    const path = await file('origin: { url: "ftp://user:hunter2@host/" }');
    expect(problems(() => checkConfigFile(path)).join()).not.toContain('hunter2');
  });
});

describe('access', () => {
  it.each([
    ['sites: [{ hosts: [a.example] }, { hosts: [b.example, A.example] }]', /host a\.example is another/],
    [
      'sites: [{ hosts: [a.example] }, { name: a.example, hosts: [b.example] }]',
      /name a\.example is another/,
    ],
    ['sites: [{ hosts: ["a.example:80"] }]', /is not a host/],
    ['sites: [{ hosts: ["a.*.example"] }]', /is not a host/],
    ['sites: [{ hosts: [] }]', /sites\.0\.hosts/],
    ['access: {}', /needs keysFile or keysUrl/],
    ['access: { keysFile: a, keysUrl: "https://b/" }', /one of both/],
    ['access: { keysFile: a, algorithms: [none] }', /access\.algorithms/],
    ['access: { keysFile: a, publicPrefixes: [page] }', /begins without/],
    ['cors: { origins: ["https://a.example/"] }', /cors/],
    ['proxies: { protocol: require }', /needs proxies\.trusted/],
    ['proxies: { trusted: [10.0.0.0/40] }', /is not an address range/],
    ['tls: { listen: ":1", certFile: a }', /tls\.keyFile/],
    ['tls: { listen: ":1", certFile: a, keyFile: b, minVersion: TLSv1 }', /tls\.minVersion/],
    ['accessLog: { file: x, sample: 2 }', /accessLog\.sample/],
    ['limits: { trackedClients: 1 }', /trackedClients/],
  ])('check-config says what is wrong with %s', async (text, message) => {
    const path = await file(text);
    expect(problems(() => checkConfigFile(path)).join('\n')).toMatch(message);
  });

  it('fills in names and bursts', async () => {
    const path = await file(
      'origin: { url: "file:///x" }\nsites: [{ hosts: ["*.BÜCHER.example"] }]\nlimits: { requestsPerSecond: 2.5 }\n',
    );
    const { sites, limits, proxies } = loadConfig({ file: path, env: {}, flags: {} });
    expect(sites).toEqual([{ name: 'xn--bcher-kva.example', hosts: ['*.xn--bcher-kva.example'] }]);
    expect([limits.requestBurst, limits.sessionRequestBurst]).toEqual([10, 1]);
    expect(proxies).toEqual({ trusted: [], protocol: 'off', headerMs: 5000 });
  });

  it.each([
    ['', 0],
    ['insight: { enabled: false }\ncluster: { bus: { urls: ["nats://bus.example:4222"] } }', 5_000],
    ['insight: { enabled: false }\ndrainMs: 0\ncluster: { bus: { urls: ["nats://bus.example:4222"] } }', 0],
    ['drainMs: 20s', 20_000],
  ])('lets one of many drain before it stops: %j', async (text, drainMs) => {
    const path = await file(`origin: { url: "file:///x" }\n${text}\n`);
    expect(loadConfig({ file: path, env: {}, flags: {} }).drainMs).toBe(drainMs);
  });
});
