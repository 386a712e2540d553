import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, LOAD_MARGIN, type Pathway, type SteeredViewer } from './decide.js';

const OPTIONS = { highLoad: 0.8, returnMs: 0 };
const pathway = (id: string, changes: Partial<Pathway> = {}): Pathway => ({
  ...{ id, regions: [], weight: 1, health: 'well', wellSinceMs: Number.NEGATIVE_INFINITY, load: undefined },
  ...changes,
});
const viewer = (key: string, changes: Partial<SteeredViewer> = {}): SteeredViewer => ({
  ...{ key, regions: [], at: undefined, roundTripsMs: new Map() },
  ...changes,
});
const viewers = Array.from({ length: 300 }, (_, index) => viewer(`viewer-${index}`));
const shareOf = (id: string, orders: readonly (readonly string[])[]): number =>
  orders.filter(([first]) => first === id).length / orders.length;

const anyPathways = fc
  .uniqueArray(
    fc.record({
      id: fc.constantFrom('fra', 'ams', 'nyc', 'sgp', 'syd', 'gru'),
      regions: fc.subarray(['de', 'de-by', 'europe', 'us', 'asia']),
      weight: fc.constantFrom(0, 0.5, 1, 10),
      health: fc.constantFrom('well' as const, 'draining' as const, 'ill' as const),
      wellSinceMs: fc.constantFrom(Number.NEGATIVE_INFINITY, 0, 9_000),
      load: fc.option(fc.double({ min: 0, max: 2, noNaN: true }), { nil: undefined }),
    }),
    { selector: ({ id }) => id, minLength: 1 },
  )
  .map((all): Pathway[] => all);
const anyViewer = fc.record({
  key: fc.string(),
  regions: fc.subarray(['de-by', 'de', 'europe', 'us']),
  at: fc.option(fc.constantFrom('fra', 'ams', 'nyc', 'gone'), { nil: undefined }),
  roundTripsMs: fc
    .dictionary(fc.constantFrom('fra', 'ams', 'nyc', 'gone'), fc.nat(2_000), { maxKeys: 4 })
    .map((all) => new Map(Object.entries(all))),
});
const anyOptions = fc.record({
  highLoad: fc.constantFrom(0.5, 0.8, 1),
  returnMs: fc.constantFrom(0, 10_000),
});

describe('the order of pathways', () => {
  it('lists every one once, those that are well first, then those that drain', () => {
    fc.assert(
      fc.property(anyViewer, anyPathways, anyOptions, (who, pathways, options) => {
        const order = decide(who, pathways, options, 10_000);
        expect([...order].sort()).toEqual(pathways.map(({ id }) => id).sort());
        const healths = order.map((id) => pathways.find((one) => one.id === id)?.health);
        const ranks = healths.map((health) => ['well', 'draining', 'ill'].indexOf(String(health)));
        expect(ranks).toEqual([...ranks].sort());
      }),
    );
  });

  it('depends on nothing but what it is given, not on the order of the list', () => {
    fc.assert(
      fc.property(anyViewer, anyPathways, anyOptions, (who, pathways, options) => {
        const order = decide(who, pathways, options, 10_000);
        expect(decide(who, [...pathways].reverse(), options, 10_000)).toEqual(order);
      }),
    );
  });

  it('leaves nobody swinging while loads wander within the margin', () => {
    const ids = ['fra', 'ams', 'nyc'];
    const loads = (from: number, to: number): fc.Arbitrary<number[]> =>
      fc.array(fc.integer({ min: from, max: to }), { minLength: 3, maxLength: 3 });
    const margin = Math.floor(200 * LOAD_MARGIN) - 1;
    const wander = fc.array(loads(0, margin), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(fc.nat(), loads(60, 100), wander, (name, base, steps) => {
        let at: string | undefined;
        const left = new Set<string>();
        for (const step of steps) {
          const now = ids.map((id, index) =>
            pathway(id, { load: ((base[index] ?? 0) + (step[index] ?? 0)) / 100 }),
          );
          const [first] = decide(viewer(`${name}`, { at }), now, OPTIONS, 0);
          if (first === at || first === undefined) continue;
          expect(left).not.toContain(first);
          if (at !== undefined) left.add(at);
          at = first;
        }
      }),
    );
  });
});

describe('a viewer', () => {
  const europe = pathway('fra', { regions: ['de', 'europe'] });
  const america = pathway('nyc', { regions: ['us', 'north-america'] });

  it('is sent to the narrowest of its regions', () => {
    const bavaria = pathway('muc', { regions: ['de-by'] });
    const german = viewer('a', { regions: ['de-by', 'de', 'europe'], at: 'nyc' });
    expect(decide(german, [america, europe, bavaria], OPTIONS, 0)).toEqual(['muc', 'fra', 'nyc']);
    expect(decide(german, [america, pathway('any')], OPTIONS, 0)).toEqual(['any', 'nyc']);
  });

  it('stays where it is among those that are as near', () => {
    const pathways = [pathway('a'), pathway('b'), pathway('c')];
    for (const who of viewers.slice(0, 50)) {
      for (const at of ['a', 'b', 'c']) expect(decide({ ...who, at }, pathways, OPTIONS, 0)[0]).toBe(at);
    }
  });

  it('is believed about round trips before its region, unless they are about alike', () => {
    const measured = (fra: number, nyc: number, at = 'fra'): string | undefined =>
      decide(
        viewer('a', {
          ...{ regions: ['de'], at },
          roundTripsMs: new Map([
            ['fra', fra],
            ['nyc', nyc],
          ]),
        }),
        [europe, america],
        OPTIONS,
        0,
      )[0];
    expect(measured(90, 20)).toBe('nyc');
    expect(measured(30, 20)).toBe('fra');
    expect(measured(20, 90)).toBe('fra');
    expect(measured(90, 20, 'nyc')).toBe('nyc');
    expect(measured(20, 20, 'nyc')).toBe('fra');
  });
});

describe('a load', () => {
  const pathways = (load: number): Pathway[] => [
    pathway('near', { regions: ['de'], load }),
    pathway('far', { regions: ['us'] }),
  ];
  const firsts = (load: number, at?: string): string[][] =>
    viewers.map((who) => decide({ ...who, regions: ['de'], at }, pathways(load), OPTIONS, 0));

  it('sends away the more viewers the higher it is, always the same ones', () => {
    expect(shareOf('far', firsts(0.7))).toBe(0);
    const half = firsts(0.9, 'near');
    expect(shareOf('far', half)).toBeCloseTo(0.25, 1);
    expect(shareOf('far', firsts(1.2))).toBe(1);
    firsts(0.92, 'near').forEach(([first], index) => {
      if (half[index]?.[0] === 'far') expect(first).toBe('far');
    });
  });

  it('keeps more of those who are there than it takes of those who are not', () => {
    expect(shareOf('near', firsts(0.88, 'near'))).toBeGreaterThan(shareOf('near', firsts(0.88, 'far')) + 0.3);
  });
});

describe('a pathway', () => {
  it('gets viewers by its weight, where nothing else speaks', () => {
    const pathways = [pathway('one'), pathway('three', { weight: 3 }), pathway('none', { weight: 0 })];
    const orders = viewers.map((who) => decide(who, pathways, OPTIONS, 0));
    expect(shareOf('three', orders)).toBeCloseTo(0.75, 1);
    expect(shareOf('none', orders)).toBe(0);
    expect(orders.every((order) => order.at(-1) === 'none')).toBe(true);
  });

  it('gets its viewers back one after the other', () => {
    const back = pathway('near', { regions: ['de'], wellSinceMs: 100_000 });
    const orders = (nowMs: number): string[][] =>
      viewers.map((who) =>
        decide(
          { ...who, regions: ['de'], at: 'far' },
          [back, pathway('far')],
          { ...OPTIONS, returnMs: 30_000 },
          nowMs,
        ),
      );
    expect(shareOf('near', orders(100_000))).toBe(0);
    expect(shareOf('near', orders(115_000))).toBeCloseTo(0.5, 1);
    expect(shareOf('near', orders(130_000))).toBe(1);
  });

  it('is left by all when it drains, and used when no other is well', () => {
    const pathways = [pathway('a', { health: 'draining' }), pathway('b', { health: 'ill' })];
    const orders = (more: Pathway[]): string[][] =>
      viewers.map((who) => decide({ ...who, at: 'a' }, [...pathways, ...more], OPTIONS, 0));
    expect(shareOf('c', orders([pathway('c', { load: 5, weight: 0 })]))).toBe(1);
    expect(shareOf('a', orders([]))).toBe(1);
  });
});
