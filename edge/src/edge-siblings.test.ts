import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, Cleanup, startHttpOrigin, startTestEdge } from './testing/edge-fixture.js';
import { freePort } from './testing/free-port.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const SITES = [
  { hosts: ['one.example'], name: 'one' },
  { hosts: ['*.two.example'], name: 'two' },
  { hosts: ['*.cdn.example', 'three.example'], name: 'three' },
  { hosts: ['*.deep.three.example'], name: 'deep' },
];
const HOSTS = ['one.example', 'a.two.example', 'b.two.example', 'b.cdn.example', 'x.deep.three.example'];
const PATHS = Array.from({ length: 12 }, (_, index) => `/film/${index}.m4s`);

/** What the origins were asked for, by site. */
let asked: Map<string, string[]>;
let urls: string[];

beforeEach(async () => {
  asked = new Map();
  const sites = await Promise.all(
    SITES.map(async (site) => {
      const paths: string[] = [];
      asked.set(site.name, paths);
      const url = await startHttpOrigin(cleanup, (request, response) => {
        paths.push(request.url ?? '');
        response.writeHead(200, { 'cache-control': 'max-age=60' }).end(`${site.name} ${request.url}`);
      });
      return { ...site, origin: { url } };
    }),
  );
  const ports = await Promise.all([freePort(), freePort()]);
  urls = ports.map((port) => `http://127.0.0.1:${port}`);
  for (const [index, port] of ports.entries()) {
    await startTestEdge(cleanup, {
      ...{ sites, siblings: { self: urls[index], urls }, prefetch: { segments: 0 } },
      listeners: { public: `127.0.0.1:${port}`, admin: '127.0.0.1:0', insight: '127.0.0.1:0' },
      insight: { enabled: false },
    });
  }
});

describe('siblings with several sites', () => {
  it.each(HOSTS)('hold one copy of each object of %s, asked for at either', async (host) => {
    const site = SITES.find(({ hosts }) => hosts.some((one) => host.endsWith(one.replace('*', ''))));
    const name = host.includes('deep') ? 'deep' : (site?.name ?? '');
    for (const path of PATHS) {
      for (const url of urls) {
        const { status, body } = await ask(url, path, { headers: { Host: host } });
        expect([status, body.toString()]).toEqual([200, `${name} ${path}`]);
      }
    }
    expect(asked.get(name)?.toSorted()).toEqual(PATHS.toSorted());
  });
});
