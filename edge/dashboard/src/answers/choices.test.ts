import { describe, expect, it } from 'vitest';
import { readAddress } from '../address/address.js';
import type { Ask } from './ask.js';
import { fetchChoices, namesOf } from './choices.js';

const ADDRESS = readAddress('?view=live&range=7d&pop=fra');

describe('what can be chosen to narrow figures', () => {
  it('is what the time shown has, whatever it is narrowed to, and asked for only where the view can use it', async () => {
    const asked: string[] = [];
    const ask: Ask = async ({ path }) => {
      asked.push(path);
      return path.startsWith('edges')
        ? { edges: ['par-1 par', 'fra-1 fra', 'fra-2 fra'].map((pair) => edgeOf(pair)) }
        : { parts: [{ key: 'FR' }, { key: '' }, { key: 'DE' }] };
    };
    const { signal } = new AbortController();
    expect(await fetchChoices(ask, ADDRESS, ['pop', 'region'], signal)).toEqual({
      ...{ pop: ['fra', 'par'], region: ['DE', 'FR'] },
    });
    expect(asked.sort()).toEqual(['audience?range=7d&by=region', 'edges?range=7d&limit=500']);
    expect(await fetchChoices(ask, ADDRESS, ['edge'], signal)).toEqual({ edge: ['fra-1', 'fra-2', 'par-1'] });
  });

  it('is nothing where the reader may not see it', async () => {
    const ask: Ask = async () => {
      throw new Error('not shared');
    };
    const { signal } = new AbortController();
    expect(await fetchChoices(ask, ADDRESS, ['pop', 'device'], signal)).toEqual({ pop: [], device: [] });
  });

  it('has each name once, in the order that people count in', () => {
    expect(namesOf(['fra-10', 'fra-2', '(other networks)', '', 'fra-2'])).toEqual(['fra-2', 'fra-10']);
  });
});

function edgeOf(pair: string): { edge: string; pop: string } {
  const [edge = '', pop = ''] = pair.split(' ');
  return { edge, pop };
}
