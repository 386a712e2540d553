import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RANGE_NAMES } from '../../../src/insight/queries/figures.js';
import {
  type Address,
  AUDIENCE_PARTS,
  filtered,
  firstPage,
  readAddress,
  timeOf,
  toStream,
  toTime,
  toView,
  VIEW_NAMES,
  writeAddress,
} from './address.js';

const USUAL = readAddress('');

describe('the address of the page', () => {
  it('without anything is the live view with its usual hour', () => {
    expect(USUAL).toMatchObject({ view: 'live', time: undefined, filters: {}, compare: false, units: 'GB' });
    expect(timeOf(USUAL)).toBe('1h');
    expect(timeOf(readAddress('?view=savings'))).toBe('30d');
    expect(writeAddress(USUAL)).toBe('?');
  });

  it('leaves paths of streams readable', () => {
    const address = toStream(USUAL, '/films/a b&c/master.m3u8');
    expect(writeAddress(address)).toBe('?view=streams&stream=/films/a+b%26c/master.m3u8');
  });

  it.each([
    '?view=none',
    '?range=2h',
    '?from=5&to=4',
    '?from=a&to=9',
    '?from=1',
    '?by=stream',
    '?units=GB2',
    '?stream=',
    `?pop=${'x'.repeat(1025)}`,
    '?%%%',
  ])('%s says nothing', (search) => expect(readAddress(search)).toEqual(USUAL));

  it('survives being written and read, whatever it says', () => {
    const name = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
    const maybe = fc.option(name, { nil: undefined });
    const span = fc
      .tuple(fc.nat(2e9), fc.integer({ min: 1, max: 1e9 }))
      .map(([fromMs, ms]) => ({ fromMs, toMs: fromMs + ms }));
    const addresses: fc.Arbitrary<Address> = fc.record({
      view: fc.constantFrom(...VIEW_NAMES),
      time: fc.option(fc.oneof(fc.constantFrom(...RANGE_NAMES), span), { nil: undefined }),
      filters: fc.oneof(
        fc.record({ stream: name, pop: name, edge: name }, { requiredKeys: [] }),
        fc.record({ edge: name, region: name, network: name, device: name }, { requiredKeys: [] }),
      ),
      by: fc.constantFrom(...AUDIENCE_PARTS),
      plan: maybe,
      compare: fc.boolean(),
      units: fc.constantFrom('GB', 'GiB'),
      sort: maybe,
      find: fc.oneof(fc.constant(''), name),
      after: maybe,
    });
    fc.assert(
      fc.property(addresses, (address) => {
        expect(readAddress(writeAddress(address))).toEqual(address);
      }),
    );
  });

  it('keeps time and filters from view to view, and forgets what belongs to one table', () => {
    const here = readAddress('?view=streams&range=7d&pop=fra&sort=offload&find=film&compare=previous');
    expect(writeAddress(toView(here, 'quality'))).toBe('?view=quality&range=7d&pop=fra&compare=previous');
    expect(filtered(here, 'pop', undefined).filters).toEqual({});
  });

  it('goes on with a list only of the same time and filters', () => {
    const here = readAddress('?view=streams&sort=offload&after=abc');
    const others = [toTime(here, '7d'), filtered(here, 'pop', 'fra'), toView(here, 'edges'), firstPage(here)];
    expect(others.map(({ after }) => after)).toEqual([undefined, undefined, undefined, undefined]);
    expect(writeAddress({ ...here, compare: true })).toContain('after=abc');
  });

  it('never narrows by stream or PoP and by audience at once: the edge keeps figures by one or the other', () => {
    const here = readAddress('?pop=fra&edge=fra-1&stream=/a');
    expect(filtered(here, 'region', 'DE').filters).toEqual({ edge: 'fra-1', region: 'DE' });
    expect(filtered(filtered(here, 'device', 'tv'), 'pop', 'par').filters).toEqual({
      ...{ edge: 'fra-1', pop: 'par' },
    });
    expect(filtered(here, 'edge', 'fra-2').filters).toEqual({ pop: 'fra', edge: 'fra-2', stream: '/a' });
    expect(readAddress('?region=DE&pop=fra').filters).toEqual({ pop: 'fra' });
  });
});
