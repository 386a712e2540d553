import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Notice } from './notices.js';
import { Room } from './room.js';

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What viewers believe from the notices alone. */
class Believed {
  readonly met = new Map<string, Set<string>>();
  readonly offers = new Map<string, string[]>();

  apply(notices: readonly Notice[]): void {
    for (const { to, message } of notices) {
      const known = this.met.get(to) ?? new Set();
      for (const peer of message.gone) known.delete(peer);
      for (const { peer, offer } of message.meet) {
        known.add(peer);
        if (offer) this.offers.set(to, [...(this.offers.get(to) ?? []), peer]);
      }
      this.met.set(to, known);
    }
  }

  of(peer: string): string[] {
    return [...(this.met.get(peer) ?? [])].sort();
  }
}

const room = (seed: number, maxPeers: number): Room => new Room({ random: seeded(seed) }, { maxPeers });

describe('a room', () => {
  it('introduces a newcomer, who offers, to everyone in a small room', () => {
    const small = room(1, 8);
    const believed = new Believed();
    for (const peer of ['a', 'b', 'c']) believed.apply(small.join(peer, true));
    expect(believed.of('a')).toEqual(['b', 'c']);
    expect(believed.offers.get('c')?.sort()).toEqual(['a', 'b']);
    expect(believed.offers.get('a')).toBeUndefined();
  });

  it('tells departures at once to those who were introduced, and gives them others', () => {
    const small = room(2, 2);
    const believed = new Believed();
    for (const peer of ['a', 'b', 'c', 'd', 'e', 'f']) believed.apply(small.join(peer, true));
    const met = believed.of('c');
    const notices = small.leave('c');
    expect(
      notices
        .filter(({ message }) => message.gone.includes('c'))
        .map(({ to }) => to)
        .sort(),
    ).toEqual(met);
    believed.apply(notices);
    for (const peer of met) expect(believed.of(peer).length).toBeGreaterThan(0);
    expect(small.leave('c')).toEqual([]);
  });

  it('replaces a failed pair on both sides and tells the other one', () => {
    const small = room(3, 1);
    const believed = new Believed();
    for (const peer of ['a', 'b', 'c', 'd']) believed.apply(small.join(peer, true));
    const [other] = believed.of('a');
    expect(other).toBeDefined();
    const notices = small.fail('a', other ?? '');
    expect(notices.find(({ to }) => to === other)?.message.gone).toEqual(['a']);
    expect(small.introduced('a', other ?? '')).toBe(false);
    expect(small.fail('a', other ?? '')).toEqual([]);
    expect(small.fail('a', 'nobody')).toEqual([]);
  });

  it('never introduces two viewers who both upload nothing', () => {
    const small = room(4, 8);
    for (const peer of ['a', 'b', 'c']) small.join(peer, false);
    small.join('d', true);
    expect(small.metBy('a')).toEqual(['d']);
    expect(small.metBy('d').sort()).toEqual(['a', 'b', 'c']);
  });

  it('forgets introductions when peers are turned off and makes new ones when they are on again', () => {
    const small = room(5, 8);
    for (const peer of ['a', 'b']) small.join(peer, true);
    expect(small.setMaxPeers(0)).toEqual([]);
    expect(small.introduced('a', 'b')).toBe(false);
    expect(small.join('c', true)).toEqual([]);
    const believed = new Believed();
    believed.apply(small.setMaxPeers(8));
    expect(believed.of('a')).toEqual(['b', 'c']);
    expect(believed.of('c')).toEqual(['a', 'b']);
  });

  it('stays connected as it grows far beyond the slots of a viewer', () => {
    for (const seed of [1, 2, 3]) {
      const large = room(seed, 8);
      const names = Array.from({ length: 400 }, (_, index) => `p${index}`);
      for (const name of names) {
        large.join(name, true);
        expect(large.metBy(name).length).toBeGreaterThanOrEqual(Math.min(4, large.size - 1));
      }
      const reached = new Set(['p0']);
      const queue = ['p0'];
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        for (const other of large.metBy(next)) {
          if (!reached.has(other)) queue.push(other);
          reached.add(other);
        }
      }
      expect(reached.size).toBe(names.length);
    }
  });

  it('holds its promises whatever happens in it', () => {
    const step = fc.record({
      what: fc.constantFrom('join', 'join', 'leave', 'fail'),
      who: fc.nat(),
      uploads: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 6 }),
        fc.array(step, { maxLength: 80 }),
        (seed, maxPeers, steps) => {
          const tried = room(seed, maxPeers);
          const believed = new Believed();
          const present = new Map<string, boolean>();
          const failed = new Set<string>();
          steps.forEach(({ what, who, uploads }, index) => {
            const names = [...present.keys()];
            const name = names[who % Math.max(1, names.length)];
            if (what === 'join') {
              present.set(`p${index}`, uploads);
              believed.apply(tried.join(`p${index}`, uploads));
            } else if (name !== undefined && what === 'leave') {
              present.delete(name);
              believed.apply(tried.leave(name));
              believed.met.delete(name);
            } else if (name !== undefined) {
              const [other] = tried.metBy(name);
              if (other === undefined) return;
              failed.add([name, other].sort().join());
              believed.met.get(name)?.delete(other);
              believed.apply(tried.fail(name, other));
            }
            for (const peer of present.keys()) {
              const met = tried.metBy(peer).sort();
              expect(met).toEqual(believed.of(peer));
              expect(met.length).toBeLessThanOrEqual(maxPeers);
              for (const other of met) {
                expect(tried.introduced(other, peer)).toBe(true);
                expect(failed.has([peer, other].sort().join())).toBe(false);
                expect(present.get(peer) || present.get(other)).toBe(true);
              }
            }
          });
        },
      ),
      { numRuns: 150 },
    );
  });
});
