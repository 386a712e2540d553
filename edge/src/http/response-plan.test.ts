import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange, parseRanges, resolveRange, resolveRanges } from '../ranges/ranges.js';
import { planResponse } from './response-plan.js';

const HEAD = {
  ...{ status: 200, etag: '"v1"', lastModified: 'Mon, 02 Mar 2026 10:00:00 GMT' },
  ...{ dateMs: Date.parse('Mon, 02 Mar 2026 12:00:00 GMT'), totalBytes: 100 },
};
const plan = (
  headers: Record<string, string>,
  head: Parameters<typeof planResponse>[2] = HEAD,
  method = 'GET',
) => planResponse(method, headers, head);

describe('ranges', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=10-', { start: 10, end: 99 }],
    ['bytes=90-1000', { start: 90, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-1000', { start: 0, end: 99 }],
    ['BYTES=1-2', { start: 1, end: 2 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-2', 'whole'],
    ['bytes=0-1,5-6', 'whole'],
    ['items=0-1', 'whole'],
    ['bytes=a-b', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=99999999999999999999999-', 'unsatisfiable'],
  ])('%s', (header, answer) => expect(resolveRange(parseRange(header), 100)).toEqual(answer));

  it('always lies inside and is what slicing gives', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(2000), fc.integer({ min: 1, max: 1500 }), (a, b, total) => {
        const range = resolveRange(parseRange(`bytes=${Math.min(a, b)}-${Math.max(a, b)}`), total);
        const start = Math.min(a, b);
        const end = Math.min(total - 1, Math.max(a, b));
        expect(range).toEqual(start >= total ? 'unsatisfiable' : { start, end });
      }),
    );
  });
});

describe('several ranges', () => {
  it.each([
    [
      'bytes=0-1,5-6',
      [
        [0, 1],
        [5, 6],
      ],
    ],
    [
      'bytes=5-6, 0-1',
      [
        [5, 6],
        [0, 1],
      ],
    ],
    ['bytes=0-1,2-3', [[0, 3]]],
    [
      'bytes=10-20,0-1,15-30',
      [
        [10, 30],
        [0, 1],
      ],
    ],
    ['bytes=0-1,200-300', [[0, 1]]],
    [
      'bytes=-1,0-0',
      [
        [99, 99],
        [0, 0],
      ],
    ],
    ['bytes=200-,300-', 'unsatisfiable'],
    [
      'bytes=0-60,62-99',
      [
        [0, 60],
        [62, 99],
      ],
    ],
    ['bytes=0-50,40-99', [[0, 99]]],
    ['bytes=0-1,x', 'whole'],
    [`bytes=${Array.from({ length: 17 }, (_, n) => `${n * 2}-${n * 2}`).join(',')}`, 'whole'],
    [`bytes=${'0-0,'.repeat(500)}0-0`, 'whole'],
  ])('%s', (header, expected) => {
    const found = resolveRanges(parseRanges(header), 100);
    expect(typeof found === 'string' ? found : found.map(({ start, end }) => [start, end])).toEqual(expected);
  });

  it('give every byte asked for once, and no other', () => {
    const asked = fc.array(fc.tuple(fc.nat(120), fc.nat(40)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(asked, (pairs) => {
        const header = `bytes=${pairs.map(([start, more]) => `${start}-${start + more}`).join(',')}`;
        const found = resolveRanges(parseRanges(header), 100);
        const wanted = new Set<number>();
        for (const [start, more] of pairs) {
          for (let at = start; at <= Math.min(99, start + more); at++) wanted.add(at);
        }
        if (found === 'whole') return;
        if (found === 'unsatisfiable') {
          expect(wanted.size).toBe(0);
          return;
        }
        const given = found.flatMap(({ start, end }) =>
          Array.from({ length: end - start + 1 }, (_, offset) => start + offset),
        );
        expect(given.length).toBe(new Set(given).size);
        expect(new Set(given)).toEqual(wanted);
      }),
    );
  });
});

describe('planResponse (RFC 9110 section 13.2.2)', () => {
  it.each([
    [{}, 'whole'],
    [{ 'if-none-match': '"v1"' }, 'not-modified'],
    [{ 'if-none-match': 'W/"v1"' }, 'not-modified'],
    [{ 'if-none-match': '"v0", "v1"' }, 'not-modified'],
    [{ 'if-none-match': '*' }, 'not-modified'],
    [{ 'if-none-match': '"v2"' }, 'whole'],
    // If-None-Match decides alone.
    [{ 'if-none-match': '"v2"', 'if-modified-since': 'Mon, 02 Mar 2026 10:00:00 GMT' }, 'whole'],
    [{ 'if-modified-since': 'Mon, 02 Mar 2026 10:00:00 GMT' }, 'not-modified'],
    [{ 'if-modified-since': 'Mon, 02 Mar 2026 09:59:59 GMT' }, 'whole'],
    [{ 'if-modified-since': 'yesterday' }, 'whole'],
    [{ 'if-match': '"v1"' }, 'whole'],
    [{ 'if-match': 'W/"v1"' }, 'precondition-failed'],
    [{ 'if-match': '"v2"' }, 'precondition-failed'],
    [{ 'if-match': '"v2"', 'if-none-match': '"v1"' }, 'precondition-failed'],
    [{ 'if-unmodified-since': 'Mon, 02 Mar 2026 09:59:59 GMT' }, 'precondition-failed'],
    [{ 'if-unmodified-since': 'Mon, 02 Mar 2026 10:00:00 GMT' }, 'whole'],
    // A condition that says 304 is answered before the range.
    [{ 'if-none-match': '"v1"', range: 'bytes=0-1' }, 'not-modified'],
    [{ range: 'bytes=0-1' }, 'part'],
    [{ range: 'bytes=0-1,5-6' }, 'parts'],
    [{ range: 'bytes=200-' }, 'unsatisfiable'],
    [{ range: 'bytes=0-1', 'if-range': '"v1"' }, 'part'],
    [{ range: 'bytes=0-1', 'if-range': '"v2"' }, 'whole'],
    [{ range: 'bytes=0-1', 'if-range': 'W/"v1"' }, 'whole'],
    [{ range: 'bytes=0-1', 'if-range': 'Mon, 02 Mar 2026 10:00:00 GMT' }, 'part'],
    [{ range: 'bytes=0-1', 'if-range': 'Mon, 02 Mar 2026 11:00:00 GMT' }, 'whole'],
  ])('%o', (headers, is) => expect(plan(headers).is).toBe(is));

  it('takes the date for the time of change where there is none (RFC 9111 section 4.3.2)', () => {
    const undated = { ...HEAD, lastModified: undefined };
    expect(plan({ 'if-modified-since': 'Mon, 02 Mar 2026 12:00:00 GMT' }, undated).is).toBe('not-modified');
    expect(plan({ 'if-modified-since': 'Mon, 02 Mar 2026 11:59:59 GMT' }, undated).is).toBe('whole');
  });

  it('leaves what is no 200 as it is', () => {
    const missing = { ...HEAD, status: 404 };
    expect(plan({ 'if-none-match': '"v1"' }, missing).is).toBe('whole');
    expect(plan({ range: 'bytes=0-1' }, missing).is).toBe('whole');
  });

  it('ignores ranges of HEAD and of what has no known length', () => {
    expect(plan({ range: 'bytes=0-1' }, HEAD, 'HEAD').is).toBe('whole');
    expect(plan({ range: 'bytes=0-1' }, { ...HEAD, totalBytes: undefined }).is).toBe('whole');
  });
});
