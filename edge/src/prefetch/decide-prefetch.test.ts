import { describe, expect, it } from 'vitest';
import { decidePrefetch, type PrefetchSnapshot } from './decide-prefetch.js';

const next = (path: string, held = false) => ({ path, range: undefined, held });
const calm: PrefetchSnapshot = {
  next: [next('/2'), next('/3')],
  forward: true,
  wasteful: false,
  originIsWell: true,
  viewerFills: 0,
  ownFills: 0,
  roomBytes: 1000,
  segmentBytes: 100,
};
const decide = (changed: Partial<PrefetchSnapshot>) => {
  const { fill, reason } = decidePrefetch({ ...calm, ...changed }, { maxFills: 4, maxViewerFills: 3 });
  return [fill.map(({ path }) => path), reason];
};

describe('decidePrefetch', () => {
  it.each([
    [{}, ['/2', '/3'], undefined],
    [{ next: [next('/2', true), next('/3')] }, ['/3'], undefined],
    [{ next: [next('/2', true)] }, [], 'held'],
    [{ next: [] }, [], 'no-next'],
    [{ forward: false }, [], 'not-forward'],
    [{ wasteful: true }, [], 'wasteful'],
    [{ originIsWell: false }, [], 'origin-failing'],
    [{ viewerFills: 2 }, ['/2', '/3'], undefined],
    [{ viewerFills: 3 }, [], 'viewers-first'],
    [{ ownFills: 3 }, ['/2'], 'max-fills'],
    [{ ownFills: 4 }, [], 'max-fills'],
    [{ roomBytes: 199 }, ['/2'], 'no-bytes'],
    [{ roomBytes: 200 }, ['/2', '/3'], undefined],
    [{ roomBytes: -5 }, [], 'no-bytes'],
  ] as const)('%j', (changed, fill, reason) => expect(decide(changed)).toEqual([fill, reason]));

  it('reckons with the length of a range where it is known', () => {
    const ranged = { path: '/all.mp4', range: { start: 0, bytes: 950 }, held: false };
    expect(decide({ next: [ranged, next('/3')] })).toEqual([['/all.mp4'], 'no-bytes']);
  });
});
