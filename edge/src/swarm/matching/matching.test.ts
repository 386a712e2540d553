import { describe, expect, it } from 'vitest';
import { cost, gap } from './cost.js';
import { choosePeers } from './matching.js';
import { NOWHERE } from './place.js';
import type { Viewer } from './viewer.js';

const viewer = (peer: string, changes: Partial<Viewer> = {}): Viewer => ({
  ...{ peer, uploads: true, met: new Set(), failed: new Set(), disputed: false, place: NOWHERE },
  ...{ positionMs: undefined, uploadBytesPerSecond: undefined },
  ...changes,
});
const me = viewer('me', { place: { prefix: '192.0.2', region: 'DE' }, positionMs: 60_000 });
/** Nobody is chosen at random. */
const never = (): number => 0.99;

describe('a peer costs less', () => {
  it.each<[string, Partial<Viewer>, Partial<Viewer>]>([
    ['in the same network', { place: { prefix: '192.0.2' } }, { place: { prefix: '198.51.100' } }],
    [
      'in the same region',
      { place: { prefix: '1.2.3', region: 'DE' } },
      { place: { prefix: '1.2.3', region: 'FR' } },
    ],
    ['playing the same', { positionMs: 80_000 }, { positionMs: 3_000_000 }],
    ['playing the same than unknown', { positionMs: 80_000 }, {}],
    ['with a good uplink', { uploadBytesPerSecond: 2_000_000 }, { uploadBytesPerSecond: 20_000 }],
    ['with an unknown uplink than with none', {}, { uploads: false }],
    ['that others reach', {}, { failed: new Set(['a', 'b', 'c']) }],
  ])('%s', (_, better, worse) => {
    expect(cost(me, viewer('better', better))).toBeLessThan(cost(me, viewer('worse', worse)));
    const chosen = choosePeers(
      me,
      [viewer('worse', worse), viewer('better', better)],
      { maxPeers: 1, maxCost: Number.POSITIVE_INFINITY },
      never,
    );
    expect(chosen.map(({ peer }) => peer)).toEqual(['better']);
  });

  it('by what it plays, the same in both directions', () => {
    for (const [one, other] of [
      [0, 0],
      [0, 100_000],
      [500_000, 1],
    ] as const) {
      expect(gap(one, other)).toBe(gap(other, one));
    }
    expect([gap(0, 20_000), gap(0, 10_000_000)]).toEqual([0, 1]);
  });
});

describe('chosen peers', () => {
  it('are sometimes strangers, whatever they cost', () => {
    const far = viewer('far', { place: { prefix: '198.51.100', region: 'BR' } });
    const limits = { maxPeers: 1, maxCost: 0 };
    expect(choosePeers(me, [far], limits, never)).toEqual([]);
    expect(choosePeers(me, [far], limits, () => 0)).toEqual([far]);
  });
});
