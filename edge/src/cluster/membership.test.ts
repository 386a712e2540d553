import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocalHub } from '../bus/local-bus.js';
import { systemClock } from '../components.js';
import { HeldTimers } from '../held-timers.js';
import { type Beat, decodeBeat, encodeBeat } from './beat.js';
import { MemberBook } from './member-book.js';
import { Membership } from './membership.js';
import { membershipContract, self } from './membership-contract.js';

membershipContract('in this process', async () => {
  const hub = new LocalHub({ clock: systemClock });
  return {
    connect: async () => hub.connect(),
    down: async () => hub.setUp(false),
    up: async () => hub.setUp(true),
    close: async () => {},
  };
});

const beat = (name: string, changes: Partial<Beat> = {}): Beat => ({
  member: {
    ...self(name),
    state: 'ready',
    load: { egressBytesPerSecond: 1, egressLimitBytesPerSecond: 2, viewers: 3, originWell: true },
  },
  instance: `instance-${name}`,
  startedAtMs: 1,
  ...changes,
});

describe('with a clock of its own', () => {
  const setUp = () => {
    const hub = new LocalHub({ clock: systemClock });
    const bus = hub.connect();
    const timers = new HeldTimers();
    const place = { nowMs: 0, changes: 0 };
    const clock = { now: () => place.nowMs };
    const table = new Membership(
      { bus, clock, wallClock: clock, timers, random: () => 0.5, instance: 'instance-a' },
      { self: self('a'), egressLimitBytesPerSecond: 0 },
    );
    table.onChange(() => place.changes++);
    const tick = (ms: number): void => {
      place.nowMs += ms;
      timers.fire(1000);
    };
    const hear = async (said: Beat): Promise<void> => {
      hub.connect().publish('members', encodeBeat(said));
      await Promise.resolve();
    };
    return { hub, table, place, tick, hear, names: () => table.all().map(({ name }) => name) };
  };

  it('drops who is silent for four beats and a half', async () => {
    const { tick, hear, names } = setUp();
    await hear(beat('b'));
    for (let count = 0; count < 4; count++) tick(1000);
    expect(names()).toEqual(['a', 'b']);
    tick(1000);
    expect(names()).toEqual(['a']);
  });

  it('blames nobody for its own deafness: without a bus, or when the process stood still', async () => {
    const { hub, tick, hear, names, place } = setUp();
    await hear(beat('b'));
    tick(60_000);
    expect(names()).toEqual(['a', 'b']);
    hub.setUp(false);
    for (let count = 0; count < 100; count++) tick(1000);
    expect(names()).toEqual(['a', 'b']);
    hub.setUp(true);
    for (let count = 0; count < 4; count++) tick(1000);
    expect(names()).toEqual(['a', 'b']);
    tick(1000);
    expect([names(), place.changes]).toEqual([['a'], 2]);
  });

  it('takes a restart for a change, and its earlier run no more for it', async () => {
    const { hear, names, place, table } = setUp();
    await hear(beat('b'));
    await hear(beat('b', { instance: 'instance-b2', startedAtMs: 2 }));
    expect([place.changes, table.isHere('instance-b2'), table.isHere('instance-b')]).toEqual([
      2,
      true,
      false,
    ]);
    await hear(beat('b'));
    await hear(beat('b', { says: 'goodbye' }));
    expect([names(), place.changes]).toEqual([['a', 'b'], 2]);
    await hear(beat('b', { instance: 'instance-b2', startedAtMs: 2, says: 'goodbye' }));
    expect(names()).toEqual(['a']);
  });
});

describe('beats', () => {
  it('come back as they were said, without what a newer edge may add', () => {
    expect(decodeBeat(encodeBeat(beat('b', { says: 'hello' })))).toEqual(beat('b', { says: 'hello' }));
    const newer = { ...beat('b'), later: 1, member: { ...beat('b').member, later: 2 } };
    expect(decodeBeat(encodeBeat(newer))).toEqual(beat('b'));
  });

  it('that are hostile or garbled are none, and break nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
        expect(decodeBeat(data)).toBeUndefined();
      }),
    );
    const text = JSON.stringify(beat('b'));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ unit: 'binary', maxLength: 4 }), (at, junk) => {
        const data = new TextEncoder().encode(text.slice(0, at) + junk + text.slice(at + 1));
        const said = decodeBeat(data);
        if (said !== undefined) new MemberBook().hear(said, 0);
      }),
    );
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(decodeBeat(new TextEncoder().encode(json))).toBeUndefined();
      }),
    );
  });
});
