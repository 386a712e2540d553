import { describe, expect, it } from 'vitest';
import { drawnOrder, lastStepOf, lonePoints, mixed, type Series, withoutLast } from './plot-data.js';

describe('what a chart draws', () => {
  it('lays stacked bars on each other, and lines above them', () => {
    const edge: Series = { label: 'Edge', colour: '--edge', kind: 'stack', values: [1, null, 3] };
    const peer: Series = { label: 'Peers', colour: '--peer', kind: 'stack', values: [10, 20, null] };
    const line: Series = { label: 'Before', colour: '--quiet', kind: 'dashed', values: [null, 5, 6] };
    expect(drawnOrder([line, edge, peer]).map(({ series, values }) => [series.label, values])).toEqual([
      ['Peers', [11, 20, 3]],
      ['Edge', [1, 0, 3]],
      ['Before', [null, 5, 6]],
    ]);
  });

  it('finds points that no line reaches', () => {
    expect(lonePoints([1, null, 2, 3, null, undefined, 4])).toEqual([0, 6]);
    expect(lonePoints([])).toEqual([]);
  });
});

describe('the last step', () => {
  const edge: Series = { label: 'Edge', colour: '--edge', kind: 'stack', values: [1, 2, 3] };
  const line: Series = { label: 'Offload', colour: '--peer', kind: 'line', values: [1, 2, 3] };
  const before: Series = { label: 'Before', colour: '--quiet', kind: 'dashed', values: [4, 5, 6] };

  it('is drawn apart while it grows: a bar by itself, of a line the way to it', () => {
    const drawn = drawnOrder([edge, line, before], true);
    expect(drawn.map(({ series, isGrowing, values }) => [series.label, isGrowing, values])).toEqual([
      ['Edge', false, [1, 2, null]],
      ['Edge', true, [null, null, 3]],
      ['Offload', false, [1, 2, null]],
      ['Offload', true, [null, 2, 3]],
      ['Before', false, [4, 5, 6]],
    ]);
    expect(withoutLast([line])[0]?.values).toEqual([1, 2, null]);
  });

  it('is growing in a range up to now, and tells nothing in its first minute', () => {
    const named = { name: '24h', fromMs: 0, toMs: 1_200_000 } as const;
    const given = { ...named, name: null };
    const step = { startMs: 600_000, endMs: 1_200_000 };
    expect(lastStepOf(named, step, 900_000)).toBe('growing');
    expect(lastStepOf(named, step, 650_000)).toBe('begun');
    // By a clock that is wrong.
    expect(lastStepOf(named, step, 1_300_000)).toBe('growing');
    expect(lastStepOf(given, step, 1_300_000)).toBe('over');
    expect(lastStepOf(given, step, 900_000)).toBe('growing');
  });

  it('is paler: half way to the colour behind it', () => {
    expect(mixed('#0f9d83', '#ffffff')).toBe('#87cec1');
  });
});
