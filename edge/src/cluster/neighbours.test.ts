import { describe, expect, it } from 'vitest';
import { FakeMembers, member } from '../testing/fake-members.js';
import { createHopCheck, memberHop } from '../upstream/eddy-hop.js';
import { Neighbours, neighboursOf } from './neighbours.js';

const at = (name: string, changes = {}) => member(name, { siblingUrl: `http://${name}`, ...changes });
const shield = { role: 'shield', pop: 'core' } as const;

describe('neighbours by membership', () => {
  it('are the ready edges of the PoP that have an address, and all ready shields', () => {
    const members = [
      ...[at('a'), at('b'), at('far', { pop: 'ams' }), at('c', { state: 'draining' })],
      ...[member('no-address'), at('s', shield), at('t', { ...shield, state: 'draining' })],
    ];
    expect(neighboursOf(members)).toEqual({ siblings: ['http://b'], shields: ['http://s'] });
    expect(neighboursOf([member('a'), ...members.slice(1)])).toMatchObject({ siblings: [] });
    expect(neighboursOf([])).toEqual({ siblings: [], shields: [] });
  });

  it('of a shield are the shields beside it, and the origin is next', () => {
    const members = [at('s', shield), at('t', shield), at('u', { ...shield, pop: 'fra' }), at('a')];
    expect(neighboursOf(members)).toEqual({ siblings: ['http://t'], shields: [] });
  });

  it('are the same array until something changes', () => {
    const members = new FakeMembers(at('a'), [at('b')]);
    const neighbours = new Neighbours(members, { hop: memberHop('instance-a') });
    expect(neighbours.self).toBe('http://a');
    const before = neighbours.siblings();
    expect(neighbours.siblings()).toBe(before);
    members.setOthers([at('b'), at('c')]);
    expect(neighbours.siblings()).toEqual(['http://b', 'http://c']);
    neighbours.close();
    members.setOthers([]);
    expect(neighbours.siblings()).toHaveLength(2);
  });

  it('are believed by the name of their run, from wherever they ask', () => {
    const check = createHopCheck({ urls: [], addresses: [] }, (instance) => instance === 'instance-a');
    expect(check(memberHop('instance-a'), '203.0.113.1')).toBe(true);
    expect(check(memberHop('instance-b'), '203.0.113.1')).toBe(false);
    expect(check('sibling', '203.0.113.1')).toBe(false);
  });
});
