import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeUpstream, fakeResponse } from '../testing/fake-upstream.js';
import { type BreakerEvent, type BreakerState, stepBreaker } from './breaker.js';
import type { UpstreamRequest } from './upstream.js';
import { UpstreamError } from './upstream-error.js';
import { type GuardedUpstream, withBreaker } from './with-breaker.js';

const OPTIONS = { windowMs: 10_000, minRequests: 4, failurePercent: 50, openMs: 5000 };
const REQUEST: UpstreamRequest = { path: '/a', query: '' };
const FOREVER = new AbortController().signal;

function setUp(): {
  guarded: GuardedUpstream;
  origin: FakeUpstream;
  clock: { nowMs: number; now: () => number };
  changes: string[];
  ask: (status?: number) => Promise<number | string>;
} {
  const origin = new FakeUpstream(() => fakeResponse(200));
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const changes: string[] = [];
  const guarded = withBreaker({ upstream: origin, clock, onChange: (to) => changes.push(to) }, OPTIONS);
  const ask = async (status = 200): Promise<number | string> => {
    origin.reply = () => {
      if (status === 0) throw new UpstreamError('origin-unreachable', 'down');
      return fakeResponse(status);
    };
    try {
      return (await guarded.fetch(REQUEST, FOREVER)).status;
    } catch (error) {
      return error instanceof UpstreamError ? error.code : String(error);
    }
  };
  return { guarded, origin, clock, changes, ask };
}

describe('a breaker', () => {
  it('opens on a share of failures, lets one probe through, and closes when that succeeds', async () => {
    const { guarded, origin, clock, changes, ask } = setUp();
    for (const status of [200, 200, 503, 0]) await ask(status);
    expect(guarded.breaker).toBe('open');
    expect(await ask()).toBe('origin-breaker-open');
    expect(origin.asked).toHaveLength(4);
    clock.nowMs = 5000;
    let answer: (response: ReturnType<typeof fakeResponse>) => void = () => {};
    origin.reply = () => new Promise((resolve) => (answer = resolve));
    const probe = guarded.fetch(REQUEST, FOREVER);
    expect(await ask()).toBe('origin-breaker-open');
    answer(fakeResponse(200));
    expect((await probe).status).toBe(200);
    expect(await ask()).toBe(200);
    expect(changes).toEqual(['open', 'half-open', 'closed']);
  });

  it('stays open when the probe fails, and starts anew when it was given up', async () => {
    const { guarded, origin, clock, ask } = setUp();
    for (let count = 0; count < 4; count++) await ask(0);
    clock.nowMs = 5000;
    expect(await ask(502)).toBe(502);
    expect(await ask()).toBe('origin-breaker-open');
    clock.nowMs = 10_000;
    const abort = new AbortController();
    origin.reply = (_request, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const probe = guarded.fetch(REQUEST, abort.signal);
    abort.abort(new UpstreamError('origin-cut', 'nobody waits'));
    await expect(probe).rejects.toThrow('nobody waits');
    expect(await ask()).toBe(200);
    expect(guarded.breaker).toBe('closed');
  });

  it('asks for a minimum of requests, within the window', async () => {
    const { guarded, clock, ask } = setUp();
    for (let count = 0; count < 3; count++) await ask(0);
    clock.nowMs = 20_000;
    for (let count = 0; count < 3; count++) await ask(0);
    expect(guarded.breaker).toBe('closed');
    await ask(0);
    expect(guarded.breaker).toBe('open');
  });

  it('counts bodies that break off, not those given up, nor answers about an object', async () => {
    const { guarded, origin, ask } = setUp();
    for (let count = 0; count < 20; count++) await ask(404);
    expect(guarded.breaker).toBe('closed');
    const cut = new UpstreamError('origin-cut', 'cut');
    const read = async (): Promise<void> => {
      origin.reply = () => fakeResponse(200, [], ['a', cut]);
      const { body } = await guarded.fetch(REQUEST, FOREVER);
      for await (const chunk of body) expect(chunk.toString()).toBe('a');
    };
    for (let count = 0; count < 40; count++) {
      origin.reply = () => fakeResponse(200, [], ['a', cut]);
      const { body } = await guarded.fetch(REQUEST, FOREVER);
      body.discard();
      await expect(body[Symbol.asyncIterator]().next()).resolves.toBeDefined();
    }
    expect(guarded.breaker).toBe('closed');
    for (let count = 0; count < 100 && guarded.breaker === 'closed'; count++) {
      await expect(read()).rejects.toBe(cut);
    }
    expect(guarded.breaker).toBe('open');
  });

  it('never lets two probes through, whatever happens in whatever order', () => {
    const events = fc.array(
      fc.record({
        is: fc.constantFrom('asked' as const, 'succeeded' as const, 'failed' as const, 'abandoned' as const),
        byProbe: fc.boolean(),
        isTooMuch: fc.boolean(),
        laterMs: fc.integer({ min: 0, max: 6000 }),
      }),
    );
    const property = fc.property(events, (steps) => {
      let state: BreakerState = { is: 'closed' };
      let now = 0;
      let probes = 0;
      for (const { is, byProbe, isTooMuch, laterMs } of steps) {
        now += laterMs;
        // Only a probe that is under way can end.
        const asProbe = is !== 'asked' && byProbe && probes > 0;
        if (asProbe) probes--;
        const event: BreakerEvent =
          is === 'failed' ? { is, asProbe, isTooMuch } : is === 'asked' ? { is } : { is, asProbe };
        const step = stepBreaker(state, event, now, OPTIONS);
        state = step.state;
        if (step.admits === 'as-probe') probes++;
        expect(probes).toBe(state.is === 'half-open' ? 1 : 0);
      }
    });
    fc.assert(property);
  });
});
