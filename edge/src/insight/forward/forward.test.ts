import { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { HeldTimers } from '../../held-timers.js';
import { InsightError } from '../errors.js';
import type { FactSink } from '../intake/fact-sink.js';
import type { Fact } from '../rollup/fact.js';
import { sampleFact } from '../sample-beacon.js';
import type { EdgeMinute } from '../store/insight-store.js';
import { edgeMinute } from '../store/insight-store-contract.js';
import { collectRoutes } from './collect-routes.js';
import { EDGE_PATH, FACTS_PATH, factsMessage } from './facts-message.js';
import { Forwarder } from './forwarder.js';

const SECRET = 'a secret of some length';
let kept: Fact[];
let counters: EdgeMinute[];
let refuse: InsightError | undefined;
let collector: Hono;
let timers: HeldTimers;

beforeEach(() => {
  kept = [];
  counters = [];
  refuse = undefined;
  timers = new HeldTimers();
  const sink: FactSink = {
    queued: 0,
    async accept(fact) {
      if (refuse !== undefined) throw refuse;
      kept.push(fact);
      return 'stored';
    },
    async acceptEdge(counted) {
      if (refuse !== undefined) throw refuse;
      counters.push(counted);
      return 'stored';
    },
    close: async () => undefined,
  };
  collector = new Hono().route('/', collectRoutes(sink, SECRET));
});

function forwarder(options: { secret?: string; queuedBatches?: number } = {}): Forwarder {
  const toCollector = async (url: unknown, init?: RequestInit): Promise<Response> =>
    collector.request(String(url), init);
  return new Forwarder(
    { timers, fetch: toCollector },
    { to: 'http://collector:8081', secret: SECRET, queuedBatches: 10, everyMs: 1000, ...options },
  );
}

describe('an edge that forwards', () => {
  it('says that a batch is stored when the other one says so, many at a time', async () => {
    const edge = forwarder();
    const facts = ['1', '2'].map((batch) => sampleFact({ batch }, { startup_3: 1 }));
    const answers = facts.map((fact) => edge.accept(fact));
    expect([edge.queued, kept]).toEqual([2, []]);
    timers.fire(1000);
    expect(await Promise.all(answers)).toEqual(['stored', 'stored']);
    expect(kept).toEqual(facts);
    expect(edge.queued).toBe(0);
  });

  it.each([
    [
      'the other one cannot store them',
      () => ({ error: new InsightError('store-full', 'full') }),
      'answers 503',
    ],
    ['its secret is another one', () => ({ secret: 'another secret' }), 'secrets'],
  ])('hands on that %s', async (_, change, problem) => {
    const { error, secret } = { error: undefined, secret: SECRET, ...change() };
    refuse = error;
    const answer = forwarder({ secret }).accept(sampleFact());
    timers.fire(1000);
    await expect(answer).rejects.toMatchObject({
      code: 'forward-failed',
      message: expect.stringContaining(problem),
    });
    expect(kept).toEqual([]);
  });

  it('passes on what it counted itself, and says so when that is not kept', async () => {
    const edge = forwarder();
    expect(await edge.acceptEdge(edgeMinute())).toBe('stored');
    expect(counters).toEqual([edgeMinute()]);
    refuse = new InsightError('store-full', 'full');
    await expect(edge.acceptEdge(edgeMinute())).rejects.toMatchObject({ code: 'forward-failed' });
  });

  it('is bounded, and sends what waits when it closes', async () => {
    const edge = forwarder({ queuedBatches: 1 });
    const held = edge.accept(sampleFact());
    await expect(edge.accept(sampleFact({ batch: '2' }))).rejects.toMatchObject({ code: 'queue-full' });
    await edge.close();
    expect(await held).toBe('stored');
    await expect(edge.accept(sampleFact())).rejects.toMatchObject({ code: 'closing' });
  });
});

describe('an edge that collects', () => {
  const post = (
    body: unknown,
    authorization = `Bearer ${SECRET}`,
    path = FACTS_PATH,
  ): Response | Promise<Response> =>
    collector.request(path, {
      ...{ method: 'POST', headers: { Authorization: authorization } },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it('takes facts of those alone who have the secret', async () => {
    expect((await post({ facts: [] }, 'Bearer no')).status).toBe(401);
    expect((await post({ facts: [] })).status).toBe(204);
  });

  it('leaves out measures that it does not know', async () => {
    const fact = sampleFact();
    const newer = { ...fact, tally: undefined, sums: { ...fact.tally.sums, laterBytes: 1 } };
    expect((await post({ facts: [newer] })).status).toBe(204);
    expect(kept).toEqual([fact]);
  });

  it.each([
    ['a mark', { id: 'x' }],
    ['a name', { edge: '' }],
    ['a minute', { minute: 2 ** 31 }],
    ['a count', { sums: { requests: -1 } }],
  ])('refuses what an edge counted without %s', async (_, change) => {
    expect((await post(edgeMinute(), 'Bearer no', EDGE_PATH)).status).toBe(401);
    expect((await post({ ...edgeMinute(), ...change }, undefined, EDGE_PATH)).status).toBe(400);
    expect(counters).toEqual([]);
    const newer = { ...edgeMinute(), sums: { requests: 1, laterBytes: 1 } };
    expect((await post(newer, undefined, EDGE_PATH)).status).toBe(204);
    expect(counters).toMatchObject([{ sums: { requests: 1 } }]);
  });

  it.each([
    ['no JSON', 'x'],
    ['no facts', {}],
    ['no mark', factsMessage([{ ...sampleFact(), batch: 'b' }])],
    ['negative bytes', factsMessage([sampleFact({}, { edgeBytes: -1 })])],
  ])('refuses %s', async (_, body) => {
    expect((await post(body)).status).toBe(400);
  });
});
