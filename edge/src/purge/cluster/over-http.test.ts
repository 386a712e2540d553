import { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { createClusterPurgeRoute } from '../../admin/cluster-purge-route.js';
import type { Timers } from '../../components.js';
import { CLUSTER_PURGE_PATH, fanOut } from './over-http.js';
import { path, RecordedPurge } from './purge-log-contract.js';

const SECRET = 'a secret of some length';
/** Waits are over at once. */
const timers: Timers = {
  after(_, run) {
    queueMicrotask(run);
    return () => {};
  },
};

let apps: Map<string, Hono>;
let log: string[];
let own: RecordedPurge;
/** Requests to this edge that get no answer. */
let silent: Map<string, number>;

beforeEach(() => {
  apps = new Map();
  log = [];
  silent = new Map();
  own = new RecordedPurge();
});

const add = (url: string, secret = SECRET): RecordedPurge => {
  const purge = new RecordedPurge();
  apps.set(url, createClusterPurgeRoute(purge, secret));
  return purge;
};
const send: typeof fetch = async (input, init) => {
  const url = new URL(String(input));
  log.push(url.host);
  const left = silent.get(url.origin) ?? 0;
  silent.set(url.origin, left - 1);
  if (left > 0) throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
  const app = apps.get(url.origin) ?? new Hono();
  return await app.request(String(input), init);
};
const spread = (shields: readonly string[], edges: readonly string[], role: 'edge' | 'shield' = 'edge') =>
  fanOut({ purge: own, timers, fetch: send }, { role, shields, edges, secret: SECRET });

describe('a purge by HTTP', () => {
  it('reaches all shields before any edge, and edges once more', async () => {
    const shield = add('http://shield:1');
    const edge = add('http://edge:1');
    let release = (): void => {};
    shield.until = new Promise((resolve) => {
      release = resolve;
    });
    const sent = spread(['http://shield:1'], ['http://edge:1']).send(path('/1'));
    await Promise.resolve();
    expect([log, own.done]).toEqual([['shield:1'], []]);
    release();
    expect(await sent).toEqual({
      local: { objects: 1, fills: 0, keys: ['/1'] },
      others: {
        ...{ applied: ['http://shield:1', 'http://edge:1'], missing: [], shieldsNotWaitedFor: [] },
        ...{ isDurable: false, problem: undefined },
      },
    });
    expect([shield.done, edge.done, own.done]).toEqual([['/1'], ['/1', '/1'], ['/1', '/1']]);
  });

  it('is asked for again where there was no answer, and the answer names who gave none', async () => {
    const edge = add('http://edge:1');
    silent = new Map([
      ['http://edge:1', 2],
      ['http://shield:1', 99],
    ]);
    const { others } = await spread(['http://shield:1'], ['http://edge:1'], 'shield').send(path('/1'));
    expect(others).toMatchObject({
      ...{ applied: ['http://edge:1'], missing: ['http://shield:1'] },
      ...{ shieldsNotWaitedFor: ['http://shield:1'], problem: expect.stringContaining('ECONNREFUSED') },
    });
    expect(log.filter((host) => host === 'shield:1')).toHaveLength(3);
    expect([edge.done, own.done]).toEqual([['/1', '/1'], ['/1']]);
  });

  it('is not taken from who does not know the secret, nor where it is none', async () => {
    const edge = add('http://edge:1', 'another one of some length');
    const { others } = await spread([], ['http://edge:1']).send(path('/1'));
    expect(others).toMatchObject({ missing: ['http://edge:1'], problem: expect.stringContaining('401') });
    expect(edge.done).toEqual([]);
    const app = createClusterPurgeRoute(edge, SECRET);
    const post = (body: string): Response | Promise<Response> =>
      app.request(CLUSTER_PURGE_PATH, {
        method: 'POST',
        body,
        headers: { Authorization: `Bearer ${SECRET}` },
      });
    for (const body of ['', '{}', '{"target":{"by":"path"},"soft":false}']) {
      expect((await post(body)).status).toBe(400);
    }
    expect((await post(`"${'x'.repeat(70_000)}"`)).status).toBe(413);
    edge.until = Promise.reject(Object.assign(new Error('disk'), { code: 'purge-not-durable' }));
    expect((await post(JSON.stringify(path('/1')))).status).toBe(503);
  });
});
