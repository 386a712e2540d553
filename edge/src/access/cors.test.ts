import { describe, expect, it } from 'vitest';
import { isPreflight, siteCors } from './cors.js';

const pairs = (fields: readonly string[]): Record<string, string> =>
  Object.fromEntries(fields.flatMap((name, index) => (index % 2 ? [] : [[name, fields[index + 1] ?? '']])));

describe('cross-origin fields', () => {
  it('of the edge let everybody read, by the same array for all', () => {
    const cors = siteCors('edge');
    expect(pairs(cors.fields('https://a.example'))).toMatchObject({
      ...{ 'Access-Control-Allow-Origin': '*', 'Timing-Allow-Origin': '*' },
      'Access-Control-Expose-Headers': expect.stringContaining('Cache-Status'),
    });
    expect(pairs(cors.preflight(undefined))).toMatchObject({
      ...{
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Max-Age': '86400',
        Allow: 'GET, HEAD, OPTIONS',
      },
      'Access-Control-Allow-Headers': expect.stringContaining('If-None-Match'),
    });
    expect(cors.fields('https://a.example')).toBe(cors.fields(undefined));
  });

  it('of the origin are left to it', () => {
    expect(siteCors('origin')).toMatchObject({ byOrigin: true });
    expect(siteCors('origin').fields('https://a.example')).toEqual([]);
  });

  it('of some origins name the one that asks, and others nothing', () => {
    const cors = siteCors({
      origins: ['https://a.example', 'https://b.example'],
      credentials: true,
      allowHeaders: ['X-Player'],
      exposeHeaders: ['X-Trace'],
      maxAgeSeconds: 60,
    });
    expect(pairs(cors.fields('https://b.example'))).toMatchObject({
      'Access-Control-Allow-Origin': 'https://b.example',
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Expose-Headers': expect.stringMatching(/, X-Trace$/),
      Vary: 'Origin',
    });
    expect(pairs(cors.preflight('https://a.example'))).toMatchObject({
      'Access-Control-Allow-Headers': expect.stringMatching(/^Authorization, Range,.*, X-Player$/),
      'Access-Control-Max-Age': '60',
    });
    for (const origin of ['https://a.example.evil', 'null', undefined]) {
      expect(cors.fields(origin)).toEqual(['Vary', 'Origin']);
      expect(pairs(cors.preflight(origin))['Access-Control-Allow-Origin']).toBeUndefined();
    }
  });

  it('tell a preflight from other OPTIONS requests', () => {
    const headers = { origin: 'https://a.example', 'access-control-request-method': 'GET' };
    expect(isPreflight('OPTIONS', headers)).toBe(true);
    expect(isPreflight('OPTIONS', {})).toBe(false);
    expect(isPreflight('GET', headers)).toBe(false);
  });
});
