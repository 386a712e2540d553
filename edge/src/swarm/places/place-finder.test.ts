import { describe, expect, it } from 'vitest';
import { mmdb } from './mmdb-fixture.js';
import { PlaceFinder } from './place-finder.js';

const NETWORKS = mmdb([
  ['192.0.2.0/24', { autonomous_system_number: 64500, autonomous_system_organization: 'Example' }],
  ['198.51.100.0/25', { autonomous_system_number: 64501 }],
]);
const REGIONS = mmdb([
  [
    '192.0.2.0/25',
    { continent: { code: 'EU' }, country: { iso_code: 'DE' }, subdivisions: [{ iso_code: 'BY' }] },
  ],
  ['198.51.100.0/24', { continent: { code: 'SA' }, country: { iso_code: 'BR' } }],
]);

/** Databases by file name; what is not there cannot be read. */
function finder(files: Map<string, Buffer>, errors: string[] = []): PlaceFinder {
  return new PlaceFinder(
    {
      read: async (file) => {
        const found = files.get(file);
        if (found === undefined) throw new Error(`no ${file}`);
        return found;
      },
      onError: (file) => errors.push(file),
    },
    ['asn.mmdb', 'city.mmdb'],
  );
}

describe('a place', () => {
  it('is what all databases together know of an address', async () => {
    const places = finder(
      new Map([
        ['asn.mmdb', NETWORKS],
        ['city.mmdb', REGIONS],
      ]),
    );
    await places.open();
    expect(places.placeOf('192.0.2.7')).toEqual({
      ...{ prefix: '192.0.2', network: 64500, region: 'DE-BY', continent: 'EU' },
    });
    expect(places.placeOf('::ffff:192.0.2.200')).toEqual({ prefix: '192.0.2', network: 64500 });
    expect(places.placeOf('198.51.100.200')).toEqual({ prefix: '198.51.100', region: 'BR', continent: 'SA' });
    expect(places.placeOf('203.0.113.1')).toEqual({ prefix: '203.0.113' });
    expect(places.placeOf('2001:db8::1')).toEqual({ prefix: '2001:db8:0' });
    expect(places.placeOf(undefined)).toEqual({ prefix: '' });
    expect(places.placeOf('not an address')).toEqual({ prefix: '' });
  });

  it('without databases is its prefix', async () => {
    const places = new PlaceFinder({ read: async () => Buffer.alloc(0), onError: () => {} }, []);
    await places.open();
    expect(places.placeOf('192.0.2.7')).toEqual({ prefix: '192.0.2' });
  });
});

describe('databases', () => {
  it('that are none are an error at the start, and change nothing later', async () => {
    const files = new Map([
      ['asn.mmdb', NETWORKS],
      ['city.mmdb', Buffer.from('not a database')],
    ]);
    const errors: string[] = [];
    const places = finder(files, errors);
    await expect(places.open()).rejects.toThrow();
    files.set('city.mmdb', REGIONS);
    await places.open();
    files.set('asn.mmdb', Buffer.from('torn'));
    files.set('city.mmdb', mmdb([['203.0.113.0/24', { country: { iso_code: 'FR' } }]]));
    await places.reload();
    expect(errors).toEqual(['asn.mmdb']);
    expect(places.placeOf('192.0.2.7')).toEqual({ prefix: '192.0.2', network: 64500 });
    expect(places.placeOf('203.0.113.1').region).toBe('FR');
  });
});
