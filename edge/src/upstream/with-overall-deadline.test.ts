import { describe, expect, it } from 'vitest';
import { HeldTimers } from '../held-timers.js';
import { FakeUpstream, fakeResponse } from '../testing/fake-upstream.js';
import { withDeadlines } from './deadlines.js';
import { RetryBudget } from './retry-budget.js';
import { DEFAULT_RETRY_OPTIONS } from './retry-rules.js';
import type { Upstream, UpstreamRequest } from './upstream.js';
import { withOverallDeadline } from './with-overall-deadline.js';
import { withRetries } from './with-retries.js';

const ONE_TRY = { firstByteMs: 10_000, heldMs: 30_000, idleMs: 10_000 };
const REQUEST: UpstreamRequest = { path: '/a', query: '' };

/** An origin that hangs, asked up to three times. */
function setUp(allTriesMs = 15_000): { upstream: Upstream; origin: FakeUpstream; timers: HeldTimers } {
  const timers = new HeldTimers();
  const origin = new FakeUpstream(() => new Promise(() => {}));
  const budget = new RetryBudget({ share: 0.2, burst: 10 });
  const parts = { budget, timers, random: () => 0.5, wallClock: { now: () => 0 } };
  const retried = withRetries(
    { upstream: withDeadlines({ upstream: origin, timers }, ONE_TRY), ...parts },
    { ...DEFAULT_RETRY_OPTIONS, retries: 2 },
  );
  return {
    upstream: withOverallDeadline({ upstream: retried, timers }, { ...ONE_TRY, allTriesMs }),
    ...{ origin, timers },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the deadline over all tries', () => {
  it('ends a second try in its middle, and starts no third', async () => {
    const { upstream, origin, timers } = setUp();
    const asked = upstream.fetch(REQUEST, new AbortController().signal);
    const failed = expect(asked).rejects.toMatchObject({ code: 'origin-first-byte-timeout' });
    await turn();
    timers.fire(10_000);
    await turn();
    timers.fire(25);
    await turn();
    expect(origin.asked).toHaveLength(2);
    timers.fire(15_000);
    await failed;
    expect(origin.asked).toHaveLength(2);
  });

  it('leaves one try its time: a short one for all is that of one, a held playlist has its own', async () => {
    const { upstream, origin, timers } = setUp(1000);
    const slow: (() => void)[] = [];
    origin.reply = () => new Promise((resolve) => slow.push(() => resolve(fakeResponse(200))));
    const asked = [
      upstream.fetch(REQUEST, new AbortController().signal),
      upstream.fetch({ path: '/live.m3u8', query: '?_HLS_msn=7' }, new AbortController().signal),
    ];
    await turn();
    timers.fire(1000);
    for (const answer of slow) answer();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('is over with the head: a body may take longer, and still ends when nobody wants it', async () => {
    const { upstream, origin, timers } = setUp();
    const abort = new AbortController();
    let seen: AbortSignal | undefined;
    origin.reply = (_request, signal) => {
      seen = signal;
      return fakeResponse(200);
    };
    await upstream.fetch(REQUEST, abort.signal);
    timers.fire(15_000);
    expect(seen?.aborted).toBe(false);
    abort.abort(new Error('nobody'));
    expect(seen?.aborted).toBe(true);
  });
});
