import { describe, expect, it } from 'vitest';
import type { Member, MemberLoad } from '../cluster/members.js';
import type { SteeringPop } from '../config/steering-schema.js';
import { ownPathway, pathwaysOf } from './pathways.js';
import type { ProbeWord } from './probes.js';

const pop = (name: string, changes: Partial<SteeringPop> = {}): SteeringPop => ({
  ...{ name, regions: [], weight: 1 },
  ...changes,
});
const member = (
  name: string,
  at: string,
  changes: Partial<Member> = {},
  load: Partial<MemberLoad> = {},
): Member => ({
  ...{ name, pop: at, publicUrl: undefined, siblingUrl: undefined, role: 'edge', state: 'ready' },
  ...changes,
  load: { egressBytesPerSecond: 0, egressLimitBytesPerSecond: 0, viewers: 0, originWell: true, ...load },
});
const there = (
  pops: readonly SteeringPop[],
  members: readonly Member[],
  words: Record<string, ProbeWord> = {},
) =>
  pathwaysOf({
    ...{ pops, members },
    probed: (url) => words[url],
    wellSince: () => 0,
  });

describe('pathways', () => {
  it('are the PoPs of the list that have a URL, and the URLs that members of others have', () => {
    const pops = [pop('fra', { url: 'https://fra.example' }), pop('nyc', { regions: ['us'], weight: 2 })];
    const found = there(pops, [
      member('f1', 'fra', { publicUrl: 'https://f1.example' }),
      member('n1', 'nyc', { publicUrl: 'https://n1.example' }),
      member('n2', 'nyc', { publicUrl: 'https://n2.example' }),
      member('s1', 'nyc', { role: 'shield' }),
      member('x', 'sgp'),
    ]);
    expect(found.map(({ id, url, regions, weight }) => [id, url, regions, weight])).toEqual([
      ['fra', 'https://fra.example', [], 1],
      ['nyc-n1.example', 'https://n1.example', ['us'], 2],
      ['nyc-n2.example', 'https://n2.example', ['us'], 2],
    ]);
  });

  it('are named alike by everybody, with nothing in the name that a playlist cannot carry', () => {
    const ipv6 = { pop: 'fra', publicUrl: 'http://[::1]:8080' };
    expect(ownPathway([], ipv6)).toEqual({ id: 'fra-___1_', url: 'http://[::1]:8080' });
    expect(ownPathway([pop('fra', { url: 'https://fra.example' })], ipv6)?.id).toBe('fra');
    expect(ownPathway([], { pop: 'fra' })).toBeUndefined();
  });

  it('are as well as the best of those behind them, and as loaded as all of them', () => {
    const url = 'https://fra.example';
    const pops = [pop('fra', { url })];
    const busy = { egressBytesPerSecond: 90, egressLimitBytesPerSecond: 100 };
    const idle = { egressBytesPerSecond: 10, egressLimitBytesPerSecond: 300 };
    const of = (...members: Member[]): unknown => {
      const [found] = there(pops, members, { [url]: { health: 'ill', load: 7 } });
      return [found?.health, found?.load];
    };
    expect(of(member('a', 'fra', {}, busy), member('b', 'fra', {}, idle))).toEqual(['well', 0.25]);
    expect(of(member('a', 'fra', { state: 'draining' }, busy), member('b', 'fra'))).toEqual([
      'well',
      undefined,
    ]);
    expect(of(member('a', 'fra', { state: 'draining' }))).toEqual(['draining', undefined]);
    expect(of(member('a', 'fra', {}, { originWell: false }))).toEqual(['ill', undefined]);
    // Nobody of it is on the bus.
    expect(of()).toEqual(['ill', 7]);
    expect(there(pops, [])[0]).toMatchObject({ health: 'well', load: undefined });
  });
});
