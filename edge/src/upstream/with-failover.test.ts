import { describe, expect, it } from 'vitest';
import { FakeUpstream, fakeResponse, type Reply } from '../testing/fake-upstream.js';
import { edgeMovesOn, originMovesOn } from './move-rules.js';
import type { UpstreamRequest } from './upstream.js';
import { UpstreamError, type UpstreamErrorCode } from './upstream-error.js';
import { withFailover } from './with-failover.js';

const REQUEST: UpstreamRequest = { path: '/a', query: '' };
const FOREVER = new AbortController().signal;
const answers =
  (status: number): Reply =>
  () =>
    fakeResponse(status);
const fails =
  (code: UpstreamErrorCode, unsent = false): Reply =>
  () => {
    throw new UpstreamError(code, 'no', { unsent });
  };

/** How a request to these origins ends, and how many were asked. */
async function ask(
  replies: readonly Reply[],
  { onMissing = false, request = REQUEST }: { onMissing?: boolean; request?: UpstreamRequest } = {},
): Promise<{ end: number | string; asked: number }> {
  const origins = replies.map((reply) => new FakeUpstream(reply));
  const upstream = withFailover(
    origins.map((origin) => ({ upstream: origin, movesOn: originMovesOn({ onMissing }) })),
  );
  const end = await upstream.fetch(request, FOREVER).then(
    ({ status }) => status,
    (error: unknown) => (error instanceof UpstreamError ? error.code : 'another error'),
  );
  return { end, asked: origins.filter(({ asked }) => asked.length > 0).length };
}

describe('several origins', () => {
  it.each([
    ['the first that answers', [answers(200), answers(201)], 200, 1],
    ['the next after silence', [fails('origin-unreachable'), answers(200)], 200, 2],
    ['the next after an open breaker', [fails('origin-breaker-open', true), answers(200)], 200, 2],
    ['the next after a server error', [answers(500), answers(503), answers(200)], 200, 3],
    ['a server error that is the best there is', [fails('origin-unreachable'), answers(502)], 502, 2],
    ['the same in the other order', [answers(502), fails('origin-unreachable')], 502, 2],
    [
      'the first silence',
      [fails('origin-connect-timeout'), fails('origin-unreachable')],
      'origin-connect-timeout',
      2,
    ],
    ['a word about the object', [answers(404), answers(200)], 404, 1],
    ['501, which the next would say too', [answers(501), answers(200)], 501, 1],
  ] as const)('%s', async (_case, replies, end, asked) => {
    expect(await ask(replies)).toEqual({ end, asked });
  });

  it('are all asked for what is missing, where that is wanted', async () => {
    expect(await ask([answers(404), answers(200)], { onMissing: true })).toEqual({ end: 200, asked: 2 });
    // What the first said about the object counts more than the silence of the second.
    expect(await ask([answers(404), fails('origin-unreachable')], { onMissing: true })).toEqual({
      end: 404,
      asked: 2,
    });
    expect(await ask([answers(404), answers(503)], { onMissing: true })).toEqual({ end: 404, asked: 2 });
  });

  it('get what is unsafe once, unless it surely never left', async () => {
    const request = { ...REQUEST, method: 'POST' };
    expect(await ask([answers(503), answers(200)], { request })).toEqual({ end: 503, asked: 1 });
    expect(await ask([fails('origin-unreachable'), answers(200)], { request })).toEqual({
      end: 'origin-unreachable',
      asked: 1,
    });
    expect(await ask([fails('origin-unreachable', true), answers(200)], { request })).toEqual({
      end: 200,
      asked: 2,
    });
  });

  it('leave no body behind but the one that counts', async () => {
    const bodies = [fakeResponse(502), fakeResponse(404), fakeResponse(503), fakeResponse(200)];
    const upstream = withFailover(
      bodies.map((body) => ({
        upstream: new FakeUpstream(() => body),
        movesOn: originMovesOn({ onMissing: true }),
      })),
    );
    expect((await upstream.fetch(REQUEST, FOREVER)).status).toBe(200);
    expect(bodies.map((body) => body.wasDiscarded())).toEqual([true, true, true, false]);
  });

  it('end with who asked', async () => {
    const abort = new AbortController();
    const held = fakeResponse(503);
    const upstream = withFailover([
      { upstream: new FakeUpstream(() => held), movesOn: () => true },
      {
        upstream: new FakeUpstream(() => {
          abort.abort(new Error('enough'));
          throw new Error('enough');
        }),
        movesOn: () => true,
      },
    ]);
    await expect(upstream.fetch(REQUEST, abort.signal)).rejects.toThrow('enough');
    expect(held.wasDiscarded()).toBe(true);
  });
});

describe('another edge', () => {
  const movesOn = (status: number, cacheStatus?: string): boolean => {
    const response = fakeResponse(status, cacheStatus === undefined ? [] : ['Cache-Status', cacheStatus]);
    return edgeMovesOn({ is: 'answer', status }, response);
  };

  it('is gone round where it is down, cut off or full, not where the origin is', () => {
    expect([200, 404, 500, 502, 503, 504].map((status) => movesOn(status))).toEqual([
      ...[false, false, true, true, false, true],
    ]);
    expect(movesOn(500, 'eddy; detail=internal')).toBe(true);
    expect(movesOn(500, 'eddy; fwd=uri-miss; fwd-status=500; detail=no-store')).toBe(false);
    expect(movesOn(503, 'eddy; fwd=uri-miss; detail=fill-limit')).toBe(true);
    expect(movesOn(503, 'eddy; fwd=uri-miss; detail=origin-breaker-open')).toBe(false);
    expect(edgeMovesOn({ is: 'none', code: 'origin-unreachable', unsent: true }, undefined)).toBe(true);
  });
});
