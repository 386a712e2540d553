import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldTimers } from '../held-timers.js';
import { FakeUpstream, fakeResponse, type Reply } from '../testing/fake-upstream.js';
import type { Outcome } from './outcome.js';
import { RetryBudget } from './retry-budget.js';
import { DEFAULT_RETRY_OPTIONS, retryAfter, retryDelay } from './retry-rules.js';
import type { Upstream, UpstreamRequest } from './upstream.js';
import { UpstreamError } from './upstream-error.js';
import { withRetries } from './with-retries.js';

const OPTIONS = { ...DEFAULT_RETRY_OPTIONS, retries: 2 };
const REQUEST: UpstreamRequest = { path: '/a', query: '' };
const FOREVER = new AbortController().signal;
const down: Reply = () => {
  throw new UpstreamError('origin-unreachable', 'down');
};

/** Waits of 25, 50 ms …: the middle of what is allowed. */
function setUp(
  reply: Reply,
  budget = new RetryBudget({ share: 0.2, burst: 10 }),
): { upstream: Upstream; origin: FakeUpstream; timers: HeldTimers } {
  const origin = new FakeUpstream(reply);
  const timers = new HeldTimers();
  const components = { upstream: origin, budget, timers, random: () => 0.5, wallClock: { now: () => 0 } };
  return { upstream: withRetries(components, OPTIONS), origin, timers };
}

/** Lets what is ready run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('retries', () => {
  it('ask again after a growing wait, and take the first good answer', async () => {
    const { upstream, origin, timers } = setUp(down);
    const asked = upstream.fetch(REQUEST, FOREVER);
    await turn();
    expect(origin.asked).toHaveLength(1);
    timers.fire(25);
    await turn();
    expect(origin.asked).toHaveLength(2);
    origin.reply = () => fakeResponse(200);
    timers.fire(50);
    expect((await asked).status).toBe(200);
  });

  it('end with the last outcome, and give up the bodies of those before', async () => {
    const answers = [fakeResponse(503), fakeResponse(502), fakeResponse(504)];
    const { upstream, origin, timers } = setUp(() => answers[origin.asked.length - 1] ?? fakeResponse(200));
    const asked = upstream.fetch(REQUEST, FOREVER);
    for (const ms of [25, 50]) {
      await turn();
      timers.fire(ms);
    }
    expect((await asked).status).toBe(504);
    expect(answers.map((answer) => answer.wasDiscarded())).toEqual([true, true, false]);
  });

  it('end when nobody waits any more', async () => {
    const { upstream, origin } = setUp(down);
    const abort = new AbortController();
    const asked = upstream.fetch(REQUEST, abort.signal);
    await turn();
    abort.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    expect(origin.asked).toHaveLength(1);
  });

  it('stay a share of the requests while all of them fail', async () => {
    const budget = new RetryBudget({ share: 0.2, burst: 10 });
    const { upstream, origin, timers } = setUp(down, budget);
    for (let count = 0; count < 1000; count++) {
      const asked = upstream.fetch(REQUEST, FOREVER).catch((error: unknown) => error);
      for (const ms of [25, 50]) {
        await turn();
        timers.fire(ms);
      }
      await asked;
    }
    expect(origin.asked.length).toBeGreaterThan(1200);
    expect(origin.asked.length).toBeLessThanOrEqual(1210);
    expect(budget.refused).toBeGreaterThan(0);
  });
});

describe('whether to retry', () => {
  const answer = (status: number): Outcome => ({ is: 'answer', status });
  const none = (code: UpstreamError['code']): Outcome => ({ is: 'none', code, unsent: false });
  const delay = (request: UpstreamRequest, outcome: Outcome, retryAfterMs?: number): number | undefined =>
    retryDelay({ request, number: 1, outcome, retryAfterMs }, OPTIONS, () => 0.5);
  async function* body(): AsyncGenerator<Buffer> {}

  it.each([
    ['a gateway that has trouble', REQUEST, answer(502), 25],
    ['a refused connection', REQUEST, none('origin-unreachable'), 25],
    ['no answer in time', REQUEST, none('origin-first-byte-timeout'), 25],
    ['HEAD', { ...REQUEST, method: 'HEAD' }, answer(503), 25],
    ['an error of the application', REQUEST, answer(500), undefined],
    ['an answer about the object', REQUEST, answer(404), undefined],
    ['a POST', { ...REQUEST, method: 'POST' }, answer(503), undefined],
    ['a GET whose body is gone', { ...REQUEST, body: body() }, answer(503), undefined],
    ['an open breaker', REQUEST, none('origin-breaker-open'), undefined],
    ['wrong keys', REQUEST, none('origin-refused'), undefined],
    ['a held playlist', { ...REQUEST, query: '?_HLS_msn=1' }, none('origin-first-byte-timeout'), undefined],
  ])('%s', (_case, request, outcome, expected) => expect(delay(request, outcome)).toBe(expected));

  it('waits as long as the origin asks, if that is short', () => {
    expect(delay(REQUEST, answer(503), 1000)).toBe(1000);
    expect(delay(REQUEST, answer(503), 0)).toBe(25);
    expect(delay(REQUEST, answer(503), 120_000)).toBeUndefined();
  });

  it('waits at random below a bound that doubles up to a limit', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (number, random) => {
        const attempt = { request: REQUEST, number, outcome: answer(503), retryAfterMs: undefined };
        const ms = retryDelay(attempt, { ...OPTIONS, retries: 30 }, () => random);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(Math.min(1000, 50 * 2 ** (number - 1)));
      },
    );
    fc.assert(property);
  });

  it('reads Retry-After', () => {
    expect(retryAfter('3', 0)).toBe(3000);
    expect(retryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 2000)).toBe(3000);
    expect(retryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 9000)).toBe(0);
    expect(retryAfter('soon', 0)).toBeUndefined();
    expect(retryAfter(undefined, 0)).toBeUndefined();
  });
});
