import { describe, expect, it } from 'vitest';
import type { Timers } from '../components.js';
import { withDeadlines } from './deadlines.js';
import type { Upstream, UpstreamBody } from './upstream.js';

/** Timers that only go off when told to. */
class HandTimers implements Timers {
  readonly waiting = new Map<() => void, number>();

  after(ms: number, run: () => void): () => void {
    this.waiting.set(run, ms);
    return () => this.waiting.delete(run);
  }

  fire(): void {
    const [[run] = []] = this.waiting;
    if (run === undefined) throw new Error('no timer is set');
    this.waiting.delete(run);
    run();
  }
}

const NEVER = new Promise<never>(() => {});
const OPTIONS = { firstByteMs: 100, idleMs: 50 };

function setUp(body: UpstreamBody | undefined): {
  timers: HandTimers;
  upstream: Upstream;
  discarded: () => number;
  inner: () => AbortSignal | undefined;
} {
  let discarded = 0;
  let inner: AbortSignal | undefined;
  const timers = new HandTimers();
  const counted = body && {
    ...body,
    [Symbol.asyncIterator]: () => body[Symbol.asyncIterator](),
    discard: () => discarded++,
  };
  const upstream = withDeadlines(
    {
      timers,
      upstream: {
        usesQuery: false,
        close: async () => {},
        fetch: (_request, signal) => {
          inner = signal;
          return counted === undefined
            ? NEVER
            : Promise.resolve({ status: 200, fields: [], headers: {}, endIsKnown: true, body: counted });
        },
      },
    },
    OPTIONS,
  );
  return { timers, upstream, discarded: () => discarded, inner: () => inner };
}

const REQUEST = { path: '/a', query: '' };

describe('deadlines', () => {
  it('gives up a request that is not answered, and aborts it', async () => {
    const { timers, upstream, inner } = setUp(undefined);
    const asked = upstream.fetch(REQUEST, new AbortController().signal);
    expect([...timers.waiting.values()]).toEqual([100]);
    timers.fire();
    await expect(asked).rejects.toMatchObject({ code: 'origin-first-byte-timeout' });
    expect(inner()?.aborted).toBe(true);
  });

  it('gives up a body that stops, but never hurries its reader', async () => {
    const { timers, upstream, discarded } = setUp({
      async *[Symbol.asyncIterator]() {
        yield Buffer.from('a');
        await NEVER;
      },
      discard: () => {},
    });
    const { body } = await upstream.fetch(REQUEST, new AbortController().signal);
    const chunks = body[Symbol.asyncIterator]();
    await chunks.next();
    // The reader is busy: nothing is waited for.
    expect(timers.waiting.size).toBe(0);
    const next = chunks.next();
    expect([...timers.waiting.values()]).toEqual([50]);
    timers.fire();
    await expect(next).rejects.toMatchObject({ code: 'origin-idle-timeout' });
    expect(discarded()).toBeGreaterThan(0);
  });

  it('ends with its signal, before and during the body', async () => {
    const early = new AbortController();
    const asked = setUp(undefined).upstream.fetch(REQUEST, early.signal);
    early.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');

    const late = new AbortController();
    const { upstream } = setUp({
      async *[Symbol.asyncIterator]() {
        yield await NEVER;
      },
      discard: () => {},
    });
    const { body } = await upstream.fetch(REQUEST, late.signal);
    const next = body[Symbol.asyncIterator]().next();
    late.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  });
});

describe('deadlines of requests that take their time', () => {
  it('waits longer for a playlist that is held', async () => {
    const timers = new HandTimers();
    const inner: Upstream = { usesQuery: true, close: async () => {}, fetch: () => NEVER };
    const upstream = withDeadlines({ upstream: inner, timers }, { ...OPTIONS, heldMs: 3000 });
    const held = upstream.fetch({ path: '/a.m3u8', query: '?_HLS_msn=3' }, new AbortController().signal);
    expect([...timers.waiting.values()]).toEqual([3000]);
    timers.fire();
    await expect(held).rejects.toMatchObject({ code: 'origin-first-byte-timeout' });
  });

  it('lets an upload be slow, but not an origin that does not take it', async () => {
    const timers = new HandTimers();
    let taken: AsyncIterator<Buffer> | undefined;
    const inner: Upstream = {
      usesQuery: true,
      close: async () => {},
      fetch: ({ body }) => {
        taken = body?.[Symbol.asyncIterator]();
        return NEVER;
      },
    };
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.from('a');
      yield Buffer.from('b');
    }
    const upstream = withDeadlines({ upstream: inner, timers }, OPTIONS);
    const ask = (): Promise<unknown> =>
      upstream.fetch({ method: 'PUT', path: '/a', query: '', body: body() }, new AbortController().signal);

    const stuck = ask();
    // Only the origin's readiness is waited for; then a client that has sent nothing makes nobody late.
    expect([...timers.waiting.values()]).toEqual([50]);
    const first = taken?.next();
    expect(timers.waiting.size).toBe(0);
    await first;
    expect([...timers.waiting.values()]).toEqual([50]);
    timers.fire();
    await expect(stuck).rejects.toMatchObject({ code: 'origin-idle-timeout' });

    const unanswered = ask();
    for (let next = await taken?.next(); next?.done === false; next = await taken?.next());
    await Promise.resolve();
    expect([...timers.waiting.values()]).toEqual([100]);
    timers.fire();
    await expect(unanswered).rejects.toMatchObject({ code: 'origin-first-byte-timeout' });
  });
});
