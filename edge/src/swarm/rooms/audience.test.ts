import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOWHERE, type Place } from '../matching/place.js';
import { Audience } from './audience.js';
import { SMALLEST_ROOM } from './divide.js';
import type { Notice } from './notices.js';

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

/** An audience that is told of joins by name. */
class Hall extends Audience {
  enter(peer: string, uploads: boolean, place: Place = NOWHERE): Notice[] {
    return this.join({ peer, uploads, place });
  }
}

const room = (seed: number, maxPeers: number, roomViewers = 512): Hall =>
  new Hall({ random: seeded(seed) }, { maxPeers, roomViewers });

describe('accusations', () => {
  /** Viewers come, and whomever `p50` meets is parted from it. Returns how many were. */
  function partFromAll(hall: Hall, part: (other: string) => Notice[]): number {
    let parted = 0;
    for (let round = 0; round < 60; round++) {
      hall.enter(`late${round}`, true);
      for (const other of hall.metBy('p50')) {
        part(other);
        parted++;
      }
    }
    return parted;
  }

  function fullHall(): Hall {
    const hall = room(5, 8);
    for (let index = 0; index < 100; index++) hall.enter(`p${index}`, true);
    return hall;
  }

  it.each<[string, (hall: Hall, other: string) => Notice[]]>([
    ['who lies to everyone', (hall, other) => hall.fail(other, 'p50', true)],
    ['who accuses everyone', (hall, other) => hall.fail('p50', other, true)],
  ])('leave %s alone after sixteen', (_, accuse) => {
    const hall = fullHall();
    expect(partFromAll(hall, (other) => accuse(hall, other))).toBe(16);
    hall.status('p50', 0, []);
    expect(hall.metBy('p50')).toEqual([]);
  });

  it('do no harm to those on their other side: one is no trouble', () => {
    const hall = fullHall();
    const [other = ''] = hall.metBy('p50');
    hall.fail(other, 'p50', true);
    expect(hall.metBy(other).length).toBeGreaterThanOrEqual(4);
    hall.leave(hall.metBy(other)[0] ?? '');
    hall.status(other, 0, []);
    expect(hall.metBy(other).length).toBeGreaterThanOrEqual(4);
  });

  it('are told apart from pairs that cannot reach each other', () => {
    const hall = fullHall();
    expect(partFromAll(hall, (other) => hall.fail('p50', other))).toBeGreaterThan(40);
  });
});

describe('a room', () => {
  it('introduces a newcomer, who offers, to everyone in a small room', () => {
    const small = room(1, 8);
    const believed = new Believed();
    for (const peer of ['a', 'b', 'c']) believed.apply(small.enter(peer, true));
    expect(believed.of('a')).toEqual(['b', 'c']);
    expect(believed.offers.get('c')?.sort()).toEqual(['a', 'b']);
    expect(believed.offers.get('a')).toBeUndefined();
  });

  it('tells departures at once to those who were introduced, and gives them others', () => {
    const small = room(2, 2);
    const believed = new Believed();
    for (const peer of ['a', 'b', 'c', 'd', 'e', 'f']) believed.apply(small.enter(peer, true));
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
    for (const peer of ['a', 'b', 'c', 'd']) believed.apply(small.enter(peer, true));
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
    for (const peer of ['a', 'b', 'c']) small.enter(peer, false);
    small.enter('d', true);
    expect(small.metBy('a')).toEqual(['d']);
    expect(small.metBy('d').sort()).toEqual(['a', 'b', 'c']);
  });

  it('forgets introductions when peers are turned off and makes new ones when they are on again', () => {
    const small = room(5, 8);
    for (const peer of ['a', 'b']) small.enter(peer, true);
    expect(small.setMaxPeers(0)).toEqual([]);
    expect(small.introduced('a', 'b')).toBe(false);
    expect(small.enter('c', true)).toEqual([]);
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
        large.enter(name, true);
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

  it.each([
    ['who says so', (full: Hall, other: string) => full.fail('p7', other)],
    ['of whom it is said', (full: Hall, other: string) => full.fail(other, 'p7')],
  ])('replaces a failed peer at once on the side %s, though nobody has a slot to spare', (_, fail) => {
    for (const seed of [1, 2, 3, 4]) {
      const full = room(seed, 4);
      for (let index = 0; index < 30; index++) full.enter(`p${index}`, true);
      const failed = new Set<string>();
      for (let times = 0; times < 6; times++) {
        const [other = ''] = full.metBy('p7');
        failed.add(other);
        fail(full, other);
        expect(full.metBy('p7').length).toBeGreaterThanOrEqual(2);
        for (const peer of full.metBy('p7')) expect(failed.has(peer)).toBe(false);
      }
    }
  });

  it('breaks no good pairs for one who reaches nobody', () => {
    const large = room(6, 2);
    for (let index = 0; index < 40; index++) large.enter(`p${index}`, true);
    const others = (): string[] => Array.from({ length: 40 }, (_, index) => `p${index}`);
    large.enter('walled', true);
    let broken = 0;
    for (let round = 0; round < 60; round++) {
      const [other] = large.metBy('walled');
      if (other === undefined) break;
      const notices = large.fail('walled', other);
      if (round > 10) broken += notices.filter(({ message }) => message.gone.length > 1).length;
    }
    expect(broken).toBe(0);
    expect(others().every((peer) => large.metBy(peer).length > 0)).toBe(true);
  });

  it('prefers those nearby without walling the others off', () => {
    const large = room(7, 8);
    const here: Place = { prefix: '192.0.2', region: 'DE', network: 64500 };
    const there: Place = { prefix: '198.51.100', region: 'BR', network: 64501 };
    for (let index = 0; index < 400; index++) large.enter(`p${index}`, true, index % 2 === 0 ? here : there);
    let near = 0;
    let far = 0;
    for (let index = 0; index < 400; index++) {
      for (const other of large.metBy(`p${index}`)) {
        if (Number(other.slice(1)) % 2 === index % 2) near++;
        else far++;
      }
    }
    expect(near).toBeGreaterThan(1.5 * far);
    expect(far).toBeGreaterThan(0);
  });

  it('finds others for one whose playhead went elsewhere', () => {
    const film = room(8, 3);
    const believed = new Believed();
    for (let index = 0; index < 20; index++) {
      believed.apply(film.enter(`p${index}`, true));
      believed.apply(film.status(`p${index}`, 0, []));
    }
    for (let index = 10; index < 20; index++) {
      for (let told = 0; told < 3; told++) believed.apply(film.status(`p${index}`, 3_600_000, []));
    }
    for (let round = 0; round < 5; round++) {
      for (let index = 10; index < 20; index++) believed.apply(film.status(`p${index}`, 3_600_000, []));
    }
    let alike = 0;
    let all = 0;
    for (let index = 0; index < 20; index++) {
      for (const other of film.metBy(`p${index}`)) {
        all++;
        if (Number(other.slice(1)) < 10 === index < 10) alike++;
      }
      expect(film.metBy(`p${index}`).sort()).toEqual(believed.of(`p${index}`));
    }
    expect(alike / all).toBeGreaterThan(0.7);
  });

  it('hears of an uplink only from those who were introduced, and at most what it says itself', () => {
    const hall = new Hall({ random: () => 0.99 }, { maxPeers: 1, roomViewers: 512 });
    const enter = (peer: string, uploadBytesPerSecond: number): Notice[] =>
      hall.join({ peer, uploads: true, place: NOWHERE, uploadBytesPerSecond });
    for (const peer of ['a', 'b', 'c']) enter(peer, 90_000_000);
    enter('d', 90_000_000);
    enter('e', 90_000_000);
    enter('modest', 20_000);
    expect(['a', 'c', 'e'].map((peer) => hall.metBy(peer))).toEqual([['b'], ['d'], ['modest']]);
    for (let told = 0; told < 20; told++) {
      // Of one it was not introduced to, it says what it likes.
      hall.status('a', 0, [
        { peer: 'b', bytesPerSecond: 10_000 },
        { peer: 'd', bytesPerSecond: 90_000_000 },
      ]);
      hall.status('b', 0, [{ peer: 'a', bytesPerSecond: 10_000 }]);
      hall.status('c', 0, [{ peer: 'd', bytesPerSecond: 10_000 }]);
      hall.status('d', 0, [{ peer: 'c', bytesPerSecond: 5_000_000 }]);
      hall.status('e', 0, [{ peer: 'modest', bytesPerSecond: 90_000_000 }]);
      hall.status('modest', 0, [{ peer: 'e', bytesPerSecond: 10_000 }]);
    }
    hall.setMaxPeers(0);
    hall.setMaxPeers(1);
    expect(hall.metBy('a')).toEqual(['c']);
  });

  it('holds its promises whatever happens in it', () => {
    const step = fc.record({
      what: fc.constantFrom('join', 'join', 'leave', 'fail', 'status'),
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
              believed.apply(tried.enter(`p${index}`, uploads));
            } else if (name !== undefined && what === 'leave') {
              present.delete(name);
              believed.apply(tried.leave(name));
              believed.met.delete(name);
            } else if (name !== undefined && what === 'status') {
              believed.apply(tried.status(name, who * 100_000, []));
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

  describe('that grows too large', () => {
    const REGIONS = ['DE', 'FR', 'BR'];
    const regional = (index: number): Place => ({
      prefix: `10.0.${index}`,
      region: REGIONS[index % 3] ?? 'DE',
    });
    const sizes = (hall: Hall, names: readonly string[]): Map<number | undefined, string[]> => {
      const rooms = new Map<number | undefined, string[]>();
      for (const name of names) {
        const number = hall.roomOf(name);
        rooms.set(number, [...(rooms.get(number) ?? []), name]);
      }
      return rooms;
    };

    it('becomes rooms of whole regions, parts nobody, and puts newcomers with their like', () => {
      const divided: string[] = [];
      const hall = new Hall(
        { random: seeded(9), onDivided: (by) => divided.push(by) },
        { maxPeers: 4, roomViewers: 60 },
      );
      const names = Array.from({ length: 61 }, (_, index) => `p${index}`);
      const before = new Map<string, string[]>();
      names.forEach((name, index) => {
        if (index === 60) for (const each of names.slice(0, 60)) before.set(each, hall.metBy(each));
        hall.enter(name, true, regional(index));
      });
      expect(divided).toEqual(['region']);
      const rooms = sizes(hall, names);
      expect(rooms.size).toBe(2);
      for (const [, members] of rooms) expect(members.length).toBeGreaterThanOrEqual(SMALLEST_ROOM);
      const roomsOfRegion = new Map<string, Set<number | undefined>>();
      names.forEach((name, index) => {
        const region = REGIONS[index % 3] ?? '';
        roomsOfRegion.set(region, (roomsOfRegion.get(region) ?? new Set()).add(hall.roomOf(name)));
      });
      for (const [, numbers] of roomsOfRegion) expect(numbers.size).toBe(1);
      // But for those whom the last one got in between.
      const kept = [...before].filter(([name, met]) => met.every((other) => hall.introduced(name, other)));
      expect(kept.length).toBeGreaterThan(50);
      hall.enter('late', true, { prefix: '10.9.9', region: 'BR' });
      expect(hall.roomOf('late')).toBe(hall.roomOf('p2'));
    });

    it.each([
      ['network', (index: number): Place => ({ prefix: `10.0.${index}`, network: 64500 + (index % 2) })],
      ['acquaintance', (): Place => NOWHERE],
    ])('divides by %s where that is all there is', (by, placeOf) => {
      const divided: string[] = [];
      const hall = new Hall(
        { random: seeded(10), onDivided: (how) => divided.push(how) },
        { maxPeers: 4, roomViewers: 40 },
      );
      const names = Array.from({ length: 41 }, (_, index) => `p${index}`);
      for (const [index, name] of names.entries()) hall.enter(name, true, placeOf(index));
      expect(divided).toEqual([by]);
      for (const [, members] of sizes(hall, names)) {
        expect(members.length).toBeGreaterThanOrEqual(SMALLEST_ROOM);
      }
    });

    it('divides by where people play, if they play far apart', () => {
      const divided: string[] = [];
      const hall = new Hall(
        { random: seeded(11), onDivided: (how) => divided.push(how) },
        { maxPeers: 4, roomViewers: 40 },
      );
      for (let index = 0; index < 41; index++) {
        hall.enter(`p${index}`, true);
        hall.status(`p${index}`, index % 2 === 0 ? 0 : 3_600_000, []);
      }
      expect(divided).toEqual(['position']);
      const even = new Set([0, 2, 4, 6, 38].map((index) => hall.roomOf(`p${index}`)));
      expect(even.size).toBe(1);
      expect(even.has(hall.roomOf('p1'))).toBe(false);
    });

    it('does not divide by a region that would leave too few alone', () => {
      const divided: string[] = [];
      const hall = new Hall(
        { random: seeded(12), onDivided: (how) => divided.push(how) },
        { maxPeers: 4, roomViewers: 40 },
      );
      for (let index = 0; index < 41; index++) {
        hall.enter(`p${index}`, true, { prefix: `10.0.${index}`, region: index < 10 ? 'FR' : 'DE' });
      }
      expect(divided).toEqual(['acquaintance']);
    });

    it('merges what has become small', () => {
      let merged = 0;
      const hall = new Hall(
        { random: seeded(13), onMerged: () => merged++ },
        { maxPeers: 4, roomViewers: 40 },
      );
      const names = Array.from({ length: 60 }, (_, index) => `p${index}`);
      for (const name of names) hall.enter(name, true);
      expect(hall.roomCount).toBe(2);
      for (const name of names.slice(0, 45)) hall.leave(name);
      expect(merged).toBe(1);
      expect(hall.roomCount).toBe(1);
      for (const name of names.slice(45)) expect(hall.metBy(name).length).toBeGreaterThan(0);
      for (const name of names.slice(45)) hall.leave(name);
      expect(hall.size).toBe(0);
    });
  });
});
