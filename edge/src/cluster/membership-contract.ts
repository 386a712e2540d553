import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from '../bus/bus.js';
import { type BusNetwork, bytes, connectedTo } from '../bus/bus-contract.js';
import { systemClock, systemTimers, wallClock } from '../components.js';
import { Membership, type MembershipComponents, type MembershipOptions } from './membership.js';

export const self = (name: string): MembershipOptions['self'] => ({
  ...{ name, pop: 'fra', publicUrl: `https://${name}.example`, siblingUrl: undefined },
  role: 'edge',
});

/** What holds for membership over every bus. */
export function membershipContract(name: string, open: () => Promise<BusNetwork>): void {
  describe(`membership over a bus: ${name}`, () => {
    let network: BusNetwork;
    let instances = 0;
    const buses: Bus[] = [];
    const tables: Membership[] = [];
    const enter = async (
      called: string,
      changes: Partial<MembershipComponents> = {},
      silentMs = 150,
    ): Promise<{ table: Membership; bus: Bus }> => {
      const bus = await network.connect();
      const table = new Membership(
        {
          ...{ bus, clock: systemClock, wallClock, timers: systemTimers, random: Math.random },
          ...{ instance: `instance-${instances++}`, ...changes },
        },
        { self: self(called), egressLimitBytesPerSecond: 5, beatMs: 20, silentMs },
      );
      buses.push(bus);
      tables.push(table);
      return { table, bus };
    };
    const names = (table: Membership): string[] => table.all().map((member) => member.name);
    /** Waits for a change after which it holds. */
    const until = (table: Membership, holds: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds()) return;
          stop();
          resolve();
        };
        const stop = table.onChange(look);
        look();
      });
    const sees = (table: Membership, wanted: readonly string[]): Promise<void> =>
      until(table, () => names(table).join() === wanted.join());

    beforeEach(async () => {
      network = await open();
    });
    afterEach(async () => {
      for (const table of tables.splice(0)) table.close();
      for (const bus of buses.splice(0)) await bus.close();
      await network.close();
    });

    it('each knows all, itself first; who leaves is gone at once', async () => {
      const { table: b } = await enter('b');
      expect(names(b)).toEqual(['b']);
      const { table: a } = await enter('a');
      const { table: c } = await enter('c');
      await Promise.all([sees(a, ['a', 'b', 'c']), sees(b, ['b', 'a', 'c']), sees(c, ['c', 'a', 'b'])]);
      expect(a.all()[1]).toMatchObject({ ...self('b'), state: 'ready', load: { originWell: true } });
      b.close();
      await Promise.all([sees(a, ['a', 'c']), sees(c, ['c', 'a'])]);
    });

    it('who falls silent is dropped', async () => {
      const { table: a } = await enter('a');
      const { bus } = await enter('b');
      await sees(a, ['a', 'b']);
      await bus.close();
      await sees(a, ['a']);
    });

    it('a state is told at once, a load with the next beat and not as a change', async () => {
      const { table: a } = await enter('a');
      const { table: b } = await enter('b');
      await sees(a, ['a', 'b']);
      let changes = 0;
      a.onChange(() => changes++);
      const load = { egressBytesPerSecond: 7, egressLimitBytesPerSecond: 9, viewers: 3, originWell: false };
      b.update({ load });
      await expect.poll(() => a.all()[1]?.load, { interval: 5 }).toEqual(load);
      expect(changes).toBe(0);
      b.update({ state: 'draining' });
      await until(a, () => a.all()[1]?.state === 'draining');
      expect(changes).toBe(1);
      expect(a.all()[1]?.load).toEqual(load);
    });

    it('a name that another one has is said, once', async () => {
      let taken = 0;
      const { table: a } = await enter('a', { onNameTaken: () => taken++ });
      const { table: b } = await enter('b');
      await enter('a');
      await expect.poll(() => taken, { interval: 5 }).toBe(1);
      await sees(b, ['b', 'a']);
      await sees(a, ['a', 'b']);
      expect(taken).toBe(1);
    });

    it('a bus that goes away takes nobody along, and goes on by itself', async () => {
      // Clients try again after one to two seconds, each at its own time: nobody is silent for so long between.
      const silentMs = 3_000;
      const { table: a, bus } = await enter('a', {}, silentMs);
      const { table: b } = await enter('b', {}, silentMs);
      await Promise.all([sees(a, ['a', 'b']), sees(b, ['b', 'a'])]);
      const away = connectedTo(bus, false);
      await network.down();
      await away;
      const sinceMs = systemClock.now();
      await expect
        .poll(() => systemClock.now() - sinceMs, { timeout: 2 * silentMs })
        .toBeGreaterThan(silentMs + 100);
      const seen: string[] = [];
      a.onChange(() => seen.push(names(a).join()));
      await network.up();
      await connectedTo(bus, true);
      b.update({ state: 'draining' });
      await until(a, () => a.all()[1]?.state === 'draining');
      expect(seen).toEqual(['a,b']);
    });

    it('what nobody understands is counted and changes nothing', async () => {
      let garbled = 0;
      const { table: a } = await enter('a', { onGarbled: () => garbled++ });
      const bus = await network.connect();
      buses.push(bus);
      for (const said of ['', '{', '{}', '[]', 'null', '\u0000']) bus.publish('members', bytes(said));
      bus.publish('members', new Uint8Array([0xff, 0xfe]));
      await expect.poll(() => garbled, { interval: 5 }).toBe(7);
      expect(names(a)).toEqual(['a']);
    });
  });
}
