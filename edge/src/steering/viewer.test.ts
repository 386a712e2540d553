import { formatRoundTrips, parseRoundTrips, withSession } from '@eddy/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressRanges } from '../access/address.js';
import type { Place } from '../swarm/matching/place.js';
import { type SteeringQuestion, steeringQuestion } from './viewer.js';

const BERLIN: Place = { prefix: '192.0.2', region: 'DE-BE', continent: 'EU' };

function question(url: string, headers: Record<string, string> = {}, from = '10.0.0.1'): SteeringQuestion {
  const request = { url, headers, socket: { remoteAddress: from } };
  return steeringQuestion(
    request as Parameters<typeof steeringQuestion>[0],
    { address: '192.0.2.7', session: undefined },
    {
      trusted: new AddressRanges(['10.0.0.0/8']),
      regionHeader: 'x-region',
      placeOf: () => BERLIN,
    },
  );
}

describe('a question', () => {
  it('names pathways, session and round trips in its query', () => {
    const url = withSession('/_eddy/steering?base=fra&_HLS_pathway=nyc&_eddy_rtt=fra~20!nyc~95', 's1');
    expect(question(url)).toEqual({
      base: 'fra',
      viewer: {
        ...{ key: 's1', at: 'nyc', regions: ['de-be', 'de', 'europe'] },
        roundTripsMs: new Map([
          ['fra', 20],
          ['nyc', 95],
        ]),
      },
    });
  });

  it('is without what it says badly', () => {
    expect(question('/_eddy/steering?base=%22x&_HLS_pathway=a/b&_eddy_rtt=%00')).toEqual({
      base: undefined,
      viewer: {
        ...{ key: '192.0.2.7', at: undefined, regions: ['de-be', 'de', 'europe'], roundTripsMs: new Map() },
      },
    });
    fc.assert(
      fc.property(fc.string(), (query) => {
        const { base, viewer } = question(`/_eddy/steering?${query}`);
        expect(`${base ?? ''}${viewer.at ?? ''}`).toMatch(/^[\w.-]*$/);
        expect(viewer.roundTripsMs.size).toBeLessThanOrEqual(8);
      }),
    );
  });

  it('comes from where a trusted proxy says', () => {
    const headers = { 'x-region': 'EU-West, "odd", de,a,b,c' };
    expect(question('/', headers).viewer.regions).toEqual(['eu-west', 'de', 'a', 'b']);
    expect(question('/', headers, '192.0.2.7').viewer.regions).toEqual(['de-be', 'de', 'europe']);
  });
});

describe('round trips in a query', () => {
  it('come back rounded, the nearest ones', () => {
    const measured = new Map([
      ['far', 123.4],
      ['near', 7],
      ['odd.name-1', 9e9],
    ]);
    expect(formatRoundTrips(measured)).toBe('near~5!far~125!odd.name-1~5000');
    expect([...parseRoundTrips(formatRoundTrips(measured))]).toEqual([
      ['near', 5],
      ['far', 125],
      ['odd.name-1', 5000],
    ]);
    const many = new Map(Array.from({ length: 20 }, (_, index) => [`p${index}`, index * 10] as const));
    expect(parseRoundTrips(formatRoundTrips(many)).size).toBe(8);
  });
});
