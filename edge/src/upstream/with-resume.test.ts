import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Timers } from '../components.js';
import { HeldTimers } from '../held-timers.js';
import { formatRange, resolveRange } from '../ranges/ranges.js';
import { type FakeResponse, FakeUpstream, fakeResponse } from '../testing/fake-upstream.js';
import { planResume } from './resume-rules.js';
import type { Upstream, UpstreamBody, UpstreamRequest } from './upstream.js';
import { UpstreamError } from './upstream-error.js';
import { withResume } from './with-resume.js';

const REQUEST: UpstreamRequest = { path: '/a', query: '', unlessEtag: '"old"' };
const FOREVER = new AbortController().signal;
const CUT = new UpstreamError('origin-cut', 'cut');
const TEXT = 'abcdefghij';
const ACCEPTS = ['Accept-Ranges', 'bytes', 'ETag', '"v"'];
/** Nothing is waited for. */
const now: Timers = {
  after(_ms, run) {
    const soon = setImmediate(run);
    return () => clearImmediate(soon);
  },
};

async function text(body: UpstreamBody): Promise<string> {
  let all = '';
  for await (const chunk of body) all += chunk.toString();
  return all;
}

function part(start: number, end: number, pieces: readonly (string | Error)[], etag = '"v"'): FakeResponse {
  return fakeResponse(206, ['Content-Range', `bytes ${start}-${end}/10`, 'ETag', etag], pieces);
}

/** The first answer breaks off after `abcd`. */
function setUp(
  second: (request: UpstreamRequest) => FakeResponse,
  fields: readonly string[] = ACCEPTS,
): { upstream: Upstream; origin: FakeUpstream } {
  const origin: FakeUpstream = new FakeUpstream((request) =>
    origin.asked.length === 1
      ? fakeResponse(200, [...fields, 'Content-Length', '10'], ['ab', 'cd', CUT])
      : second(request),
  );
  return {
    upstream: withResume({ upstream: origin, timers: now, random: () => 0 }, { attempts: 2 }),
    origin,
  };
}

const read = async (upstream: Upstream, request = REQUEST): Promise<string> =>
  text((await upstream.fetch(request, FOREVER)).body);

describe('a body that breaks off', () => {
  it('goes on from where it was, if it is the same version', async () => {
    const { upstream, origin } = setUp(() => part(4, 9, ['efg', 'hij']));
    expect(await read(upstream)).toBe(TEXT);
    expect(origin.asked[1]).toEqual({
      ...{ path: '/a', query: '', range: { start: 4, end: undefined }, ifRange: '"v"' },
      ...{ unlessEtag: undefined, unlessModifiedSince: undefined },
    });
  });

  it('goes on several times, but not for ever', async () => {
    const { upstream, origin } = setUp(({ range }) =>
      origin.asked.length === 2
        ? part(4, 9, ['ef', CUT])
        : part(6, 9, [formatRange(range ?? { suffix: 1 }).slice(-4)]),
    );
    // The third answer is as long as it has to be, whatever it says.
    expect(await read(upstream)).toBe('abcdefs=6-');
    const never = setUp(({ range }) =>
      part(range !== undefined && 'start' in range ? range.start : 0, 9, [CUT]),
    );
    await expect(read(never.upstream)).rejects.toBe(CUT);
    expect(never.origin.asked).toHaveLength(3);
  });

  it('tries again after a server error or silence', async () => {
    const { upstream, origin } = setUp(() => {
      if (origin.asked.length === 2) throw new UpstreamError('origin-unreachable', 'down');
      return part(4, 9, ['efghij']);
    });
    expect(await read(upstream)).toBe(TEXT);
    const other = setUp(() => (other.origin.asked.length === 2 ? fakeResponse(503) : part(4, 9, ['efghij'])));
    expect(await read(other.upstream)).toBe(TEXT);
  });

  it.each([
    ['a whole object', () => fakeResponse(200, ACCEPTS, [TEXT])],
    ['another version', () => part(4, 9, ['EFGHIJ'], '"w"')],
    ['no version at all', () => fakeResponse(206, ['Content-Range', 'bytes 4-9/10'], ['EFGHIJ'])],
    ['another length', () => fakeResponse(206, ['Content-Range', 'bytes 4-9/11', 'ETag', '"v"'], ['efghij'])],
    ['another part', () => part(5, 9, ['fghij'])],
    ['too little', () => part(4, 8, ['efghi'])],
    ['that it has changed', () => fakeResponse(412)],
    ['that it is gone', () => fakeResponse(404)],
  ])('ends where the origin gives %s', async (_case, second) => {
    const answer = second();
    const { upstream, origin } = setUp(() => answer);
    await expect(read(upstream)).rejects.toMatchObject({ code: 'origin-changed' });
    expect(origin.asked).toHaveLength(2);
    expect(answer.wasDiscarded()).toBe(true);
  });

  it('goes on within the part that was asked for', async () => {
    const answers = [part(2, 7, ['cd', CUT]), part(4, 7, ['efgh'])];
    const origin: FakeUpstream = new FakeUpstream(
      () => answers[origin.asked.length - 1] ?? fakeResponse(500),
    );
    const upstream = withResume({ upstream: origin, timers: now, random: () => 0 }, { attempts: 2 });
    expect(await read(upstream, { ...REQUEST, range: { start: 2, end: 7 } })).toBe('cdefgh');
    expect(origin.asked[1]?.range).toEqual({ start: 4, end: 7 });
  });

  it('is discarded while it waits to go on', async () => {
    const origin: FakeUpstream = new FakeUpstream(() =>
      fakeResponse(200, [...ACCEPTS, 'Content-Length', '10'], ['ab', CUT]),
    );
    const timers = new HeldTimers();
    const upstream = withResume({ upstream: origin, timers, random: () => 0.5 }, { attempts: 2 });
    const { body } = await upstream.fetch(REQUEST, FOREVER);
    const chunks = body[Symbol.asyncIterator]();
    await chunks.next();
    const next = chunks.next();
    await new Promise((resolve) => setImmediate(resolve));
    body.discard();
    await expect(next).rejects.toThrow('discarded');
    timers.fire(25);
    expect(origin.asked).toHaveLength(1);
  });

  it('is the object, wherever and however often it breaks', async () => {
    const bytes = Buffer.from('The quick brown fox jumps over the lazy dog');
    const property = fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 4 }),
      fc.option(fc.integer({ min: 0, max: bytes.length - 1 }), { nil: undefined }),
      async (breaks, suffix) => {
        const left = [...breaks];
        const origin = new FakeUpstream(({ range }) => {
          const asked = resolveRange(range, bytes.length);
          if (asked === 'unsatisfiable') return fakeResponse(416);
          const { start, end } = asked === 'whole' ? { start: 0, end: bytes.length - 1 } : asked;
          const length = left.shift();
          const sent = bytes.subarray(start, end + 1).subarray(0, length);
          const said =
            asked === 'whole'
              ? ['Content-Length', `${bytes.length}`]
              : ['Content-Range', `bytes ${start}-${end}/${bytes.length}`];
          return fakeResponse(
            asked === 'whole' ? 200 : 206,
            [...ACCEPTS, ...said],
            length === undefined ? [sent] : [sent, CUT],
          );
        });
        const upstream = withResume({ upstream: origin, timers: now, random: () => 0 }, { attempts: 4 });
        const range = suffix === undefined || suffix === 0 ? undefined : { suffix };
        const wanted = range === undefined ? bytes : bytes.subarray(-range.suffix);
        expect(await read(upstream, { ...REQUEST, range })).toBe(wanted.toString());
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });
});

describe('whether a body can go on', () => {
  const DATES = ['Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT', 'Date', 'Thu, 01 Jan 2026 00:01:00 GMT'];
  const BYTES = ['Accept-Ranges', 'bytes', 'Content-Length', '10'];

  it.each([
    ['a strong ETag', [...BYTES, 'ETag', '"v"'], true],
    ['a settled date', [...BYTES, ...DATES], true],
    ['a weak ETag, whatever the date', [...BYTES, ...DATES, 'ETag', 'W/"v"'], false],
    ['a date of just now', [...BYTES, ...DATES.slice(0, 3), 'Thu, 01 Jan 2026 00:00:30 GMT'], false],
    ['no validator', BYTES, false],
    ['no length', ['Accept-Ranges', 'bytes', 'ETag', '"v"'], false],
    ['no word about ranges', ['Content-Length', '10', 'ETag', '"v"'], false],
  ])('%s', (_case, fields, can) => {
    expect(planResume(REQUEST, fakeResponse(200, fields)) !== undefined).toBe(can);
  });

  it('only what was asked for by GET and is an object', () => {
    const fields = [...BYTES, 'ETag', '"v"'];
    expect(planResume({ ...REQUEST, method: 'HEAD' }, fakeResponse(200, fields))).toBeUndefined();
    expect(planResume(REQUEST, fakeResponse(404, fields))).toBeUndefined();
    expect(
      planResume(REQUEST, fakeResponse(206, [...fields, 'Content-Type', 'multipart/byteranges'])),
    ).toBeUndefined();
  });
});
