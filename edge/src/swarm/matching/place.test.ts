import { describe, expect, it } from 'vitest';
import { distance, type Place, prefixOf } from './place.js';

describe('prefixOf', () => {
  it.each([
    ['192.0.2.7', '192.0.2'],
    ['::ffff:192.0.2.7', '192.0.2'],
    ['2001:db8:12:34::1', '2001:db8:12'],
    ['2001:0db8:0012::', '2001:db8:12'],
    ['::1', '0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0'],
    ['nonsense', ''],
    ['', ''],
  ])('of %s is %s', (address, prefix) => expect(prefixOf(address)).toBe(prefix));
});

describe('distance', () => {
  const munich: Place = { prefix: '192.0.2', network: 64500, region: 'DE-BY', continent: 'EU' };
  it('grows from one network to another continent', () => {
    const others: Place[] = [
      { ...munich },
      { ...munich, prefix: '192.0.3' },
      { ...munich, prefix: '192.0.3', region: 'DE-BE' },
      { ...munich, prefix: '192.0.3', network: 64501 },
      { prefix: '192.0.3' },
      { prefix: '192.0.3', network: 64501, region: 'FR', continent: 'EU' },
      { prefix: '192.0.3', network: 64501, region: 'BR', continent: 'SA' },
    ];
    const distances = others.map((other) => distance(munich, other));
    expect(distances).toEqual([...distances].sort((a, b) => a - b));
    expect(new Set(distances).size).toBe(others.length);
    expect([distances[0], distances.at(-1)]).toEqual([0, 1]);
  });
  it('does not take two unknown addresses for one network', () => {
    expect(distance({ prefix: '' }, { prefix: '' })).toBeGreaterThan(0);
  });
});
