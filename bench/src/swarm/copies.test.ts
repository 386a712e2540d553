import { describe, expect, it } from 'vitest';
import { copiesOf } from './copies.js';
import type { EdgeRequest } from './link/far-edge.js';
import type { ViewerTrace } from './trace.js';

function viewer(joinedAt: number, ...requests: Partial<EdgeRequest>[]): ViewerTrace {
  const whole = requests.map((request) => ({
    ...{ path: '/1.m4s', range: undefined, at: 0, status: 200, bytes: 100, endedAt: 1, cut: false },
    ...request,
  }));
  return { viewer: 0, joinedAt, leftAt: 9, requests: whole, socketBytes: 0 } as unknown as ViewerTrace;
}

const copies = (...viewers: ViewerTrace[]): object => copiesOf(viewers, () => true);

describe('copies of a segment', () => {
  it('calls the earliest the first, whoever is listed first', () => {
    const late = viewer(0, { at: 9_000 });
    const early = viewer(0, { at: 8_000 });
    expect(copies(late, early)).toEqual({ first: 100, starting: 0, further: 100 });
  });

  it('tells who had just joined', () => {
    expect(copies(viewer(0, { at: 100 }), viewer(7_000, { at: 7_100 }))).toEqual({
      ...{ first: 100, starting: 100, further: 0 },
    });
  });

  it('knows a segment whatever is said in the query', () => {
    const one = viewer(0, { at: 8_000, path: '/1.m4s?CMCD=sid%3D%22a%22' });
    const other = viewer(0, { at: 9_000, path: '/1.m4s?CMCD=sid%3D%22b%22' });
    expect(copies(one, other)).toEqual({ first: 100, starting: 0, further: 100 });
  });

  it('takes ranges of one segment together', () => {
    const half = viewer(0, { at: 5_000, bytes: 60 });
    const rest = viewer(0, { at: 6_000, bytes: 40, range: 'bytes=60-99' });
    expect(copies(half, rest)).toEqual({ first: 100, starting: 0, further: 0 });
    expect(copies(half, rest, viewer(0, { at: 9_000, bytes: 100 }))).toMatchObject({
      first: 100,
      further: 100,
    });
  });
});
