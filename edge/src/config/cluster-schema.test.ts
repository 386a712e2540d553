import { describe, expect, it } from 'vitest';
import { parseEdgeConfig } from './schema.js';

const parse = (cluster: unknown) =>
  parseEdgeConfig({ origin: { url: 'file:///media' }, insight: { enabled: false }, cluster });

describe('settings of a cluster', () => {
  it('default to one edge that is alone', () => {
    expect(parse({}).cluster).toMatchObject({
      ...{ pop: 'main', role: 'edge', egressLimitBytesPerSecond: 0, edges: [], shields: [] },
      bus: { urls: [], prefix: 'eddy', keepMs: 604_800_000, replicas: 1 },
    });
  });

  it('give figures the PoP, unless those have a name of their own', () => {
    const settings = { origin: { url: 'file:///media' }, cluster: { pop: 'fra' } };
    expect(parseEdgeConfig(settings).insight.pop).toBe('fra');
    expect(parseEdgeConfig({ ...settings, insight: { pop: 'all' } }).insight.pop).toBe('all');
  });

  it('are read from lists and texts alike, URLs without a slash at the end', () => {
    const { cluster } = parse({
      ...{ publicUrl: 'https://fra.example/', siblingUrl: 'http://10.0.0.1:8080' },
      ...{ egressLimitBytesPerSecond: '1g', bus: { urls: 'nats://a:4222,tls://b' } },
    });
    expect(cluster).toMatchObject({
      ...{ publicUrl: 'https://fra.example', siblingUrl: 'http://10.0.0.1:8080' },
      ...{ egressLimitBytesPerSecond: 2 ** 30, bus: { urls: ['nats://a:4222', 'tls://b'] } },
    });
  });

  const bus = { urls: ['nats://bus:4222'] };
  it.each([
    ['a shield for players', { role: 'shield', publicUrl: 'https://a' }, /publicUrl: makes no sense/],
    ['a shield that nobody finds', { role: 'shield', bus }, /siblingUrl: is not set/],
    [
      'a bus and a list',
      { bus, edges: ['http://b:8081'], secret: 'sixteen letters!' },
      /edges: makes no sense/,
    ],
    ['a list without a secret', { shields: ['http://b:8081'] }, /secret: is not set/],
    ['a short secret', { secret: 'short' }, /secret: has fewer than 16/],
    ['a bus by http', { bus: { urls: ['http://bus'] } }, /urls.0: is not a URL such as nats:/],
    ['a password in a URL', { bus: { urls: ['nats://a:b@bus'] } }, /has credentials in it/],
    ['two ways to log in', { bus: { ...bus, user: 'a', password: 'b', token: 'c' } }, /give one of them/],
    ['a user without password', { bus: { ...bus, user: 'a' } }, /needs both user and password/],
    ['credentials for nobody', { bus: { token: 'c' } }, /bus.urls: is not set/],
    ['half a certificate', { bus: { ...bus, tls: { certFile: 'a' } } }, /both certFile and keyFile/],
    ['a strange prefix', { bus: { ...bus, prefix: 'a.>' } }, /prefix: is not up to four words/],
    ['an unknown role', { role: 'boss' }, /cluster.role/],
  ])('refuse %s', (_, cluster, message) => {
    expect(() => parse(cluster)).toThrow(message);
  });

  it('refuse figures that each edge would keep for itself', () => {
    expect(() => parseEdgeConfig({ origin: { url: 'file:///media' }, cluster: { bus } })).toThrow(
      /insight: is kept by each of several edges/,
    );
  });
});
