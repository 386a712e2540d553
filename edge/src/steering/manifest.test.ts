import { describe, expect, it } from 'vitest';
import { steeringManifest } from './manifest.js';

const urls: Record<string, string> = {
  fra: 'https://fra.example:8443',
  nyc: 'https://nyc.example:8443',
  sgp: 'https://sgp.example:8443',
};
const parts = {
  ...{ order: ['nyc', 'fra', 'sgp'], base: 'fra', self: 'fra', ttlMs: 29_600, token: undefined },
  urlOf: (id: string) => urls[id],
};

describe('a steering manifest', () => {
  it('copies all pathways from that of the playlist, by host', () => {
    const clone = (id: string): unknown => ({
      ...{ 'BASE-ID': 'fra', ID: id },
      'URI-REPLACEMENT': { HOST: `${id}.example` },
    });
    expect(steeringManifest(parts)).toEqual({
      VERSION: 1,
      TTL: 30,
      'RELOAD-URI': 'https://nyc.example:8443/_eddy/steering?base=fra',
      'PATHWAY-PRIORITY': ['nyc', 'fra', 'sgp'],
      'PATHWAY-CLONES': [clone('nyc'), clone('sgp')],
    });
  });

  it('sends on with the token of the path, and only those who are to go elsewhere', () => {
    const moved = steeringManifest({ ...parts, token: 'a.b.c' });
    expect(moved['RELOAD-URI']).toBe('https://nyc.example:8443/~a.b.c/_eddy/steering?base=fra');
    expect(steeringManifest({ ...parts, self: 'nyc' })).not.toHaveProperty('RELOAD-URI');
  });

  it('has no copies where there is one pathway, and no TTL below a second', () => {
    const alone = steeringManifest({ ...parts, order: ['fra'], ttlMs: 10 });
    expect(alone).toEqual({ VERSION: 1, TTL: 1, 'PATHWAY-PRIORITY': ['fra'] });
  });
});
