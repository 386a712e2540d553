import { beforeEach, describe, expect, it } from 'vitest';
import { HeldTimers } from '../held-timers.js';
import { FakeUpstream, fakeResponse } from '../testing/fake-upstream.js';
import { KnownEdges } from './known-edges.js';
import { byWeight, ownerOf } from './rendezvous.js';
import type { Upstream } from './upstream.js';
import { UpstreamError } from './upstream-error.js';
import { withShields } from './with-shields.js';

const FOREVER = new AbortController().signal;
const PATHS = Array.from({ length: 50 }, (_, index) => `/seg-${index}.m4s`);

describe('shields that come and go', () => {
  const named = (name: string): FakeUpstream => new FakeUpstream(() => fakeResponse(200, ['By', name]));
  const [origin, one, two] = [named('origin'), named('one'), named('two')];
  let known: Map<string, Upstream>;
  const upstream = withShields({ upstream: origin, shields: () => known });
  const by = async (path: string): Promise<string | undefined> =>
    (await upstream.fetch({ path, query: '' }, FOREVER)).headers.by;

  it('are asked before the origin, each for its own', async () => {
    known = new Map([
      ['http://one', one],
      ['http://two', two],
    ]);
    for (const path of PATHS) {
      const owner = ownerOf(path, ['http://one', 'http://two']);
      expect(await by(path)).toBe(owner.slice('http://'.length));
    }
  });

  it('stand in for each other, and the origin for all of them', async () => {
    one.reply = () => {
      throw new UpstreamError('origin-unreachable', 'down', { unsent: true });
    };
    for (const path of PATHS) expect(await by(path)).toBe('two');
    two.reply = () => fakeResponse(502);
    for (const path of PATHS) expect(await by(path)).toBe('origin');
    known = new Map();
    expect(await by('/a')).toBe('origin');
  });

  it('have one order for everybody', () => {
    const members = ['a', 'b', 'c', 'd'];
    for (const path of PATHS) {
      const order = byWeight(path, members);
      expect(order[0]).toBe(ownerOf(path, members));
      expect(byWeight(path, [...members].reverse())).toEqual(order);
    }
  });
});

describe('edges that are known', () => {
  let timers: HeldTimers;
  let closed: string[];
  let edges: KnownEdges;
  beforeEach(() => {
    timers = new HeldTimers();
    closed = [];
    edges = new KnownEdges({
      timers,
      open: (url) => ({
        ...{ breaker: 'closed', usesQuery: true },
        fetch: async () => fakeResponse(200),
        close: async () => void closed.push(url),
      }),
    });
  });

  it('keep their upstream while they are named, and a minute longer', async () => {
    const urls = ['a', 'b'];
    const first = edges.named(urls);
    expect(edges.named(urls)).toBe(first);
    const second = edges.named(['b', 'c']);
    expect(second.get('b')).toBe(first.get('b'));
    expect([...edges.all.keys()]).toEqual(['a', 'b', 'c']);
    timers.fire(60_000);
    expect([closed, [...edges.all.keys()]]).toEqual([['a'], ['b', 'c']]);
    edges.named(['c']);
    edges.named(['b', 'c']);
    timers.fire(60_000);
    expect(closed).toEqual(['a']);
    await edges.close();
    expect(closed).toEqual(['a', 'b', 'c']);
  });
});
