import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bus, MAX_BUS_MESSAGE_BYTES } from './bus.js';

/** One network of buses: everything that is connected to it hears everything. */
export interface BusNetwork {
  /** Resolves when it is connected. */
  connect(): Promise<Bus>;
  /** Takes it away from all, and brings it back with what its logs keep. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** Collects what comes, and waits for what is still to come. */
export class Inbox {
  readonly all: string[] = [];
  readonly #waiting: (() => void)[] = [];

  readonly hear = (data: Uint8Array): void => {
    this.all.push(text(data));
    for (const look of this.#waiting.splice(0)) look();
  };

  async holds(count: number): Promise<string[]> {
    while (this.all.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.all;
  }
}

export function connectedTo(bus: Bus, wanted: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (bus.connected === wanted) {
      resolve();
      return;
    }
    const stop = bus.onConnected((connected) => {
      if (connected !== wanted) return;
      stop();
      resolve();
    });
  });
}

/** What every bus does. */
export function busContract(name: string, open: () => Promise<BusNetwork>): void {
  describe(`a bus: ${name}`, () => {
    let network: BusNetwork;
    let one: Bus;
    let other: Bus;
    const opened: Bus[] = [];
    const connect = async (): Promise<Bus> => {
      const bus = await network.connect();
      opened.push(bus);
      return bus;
    };
    /** Subscriptions may take a moment to be known to all; one's own message coming back tells. */
    const settled = async (bus: Bus): Promise<void> => {
      const inbox = new Inbox();
      const stop = bus.subscribe('settled', inbox.hear);
      while (!bus.publish('settled', bytes('x'))) await connectedTo(bus, true);
      await inbox.holds(1);
      stop();
    };

    beforeEach(async () => {
      network = await open();
      one = await connect();
      other = await connect();
    });
    afterEach(async () => {
      for (const bus of opened.splice(0)) await bus.close();
      await network.close();
    });

    it('carries messages to all who listen to the subject, in order, also to who said them', async () => {
      const [here, there, elsewhere] = [new Inbox(), new Inbox(), new Inbox()];
      one.subscribe('news', here.hear);
      other.subscribe('news', there.hear);
      other.subscribe('other.news', elsewhere.hear);
      await settled(other);
      for (let count = 0; count < 100; count++) expect(one.publish('news', bytes(`${count}`))).toBe(true);
      one.publish('other.news', bytes('last'));
      await elsewhere.holds(1);
      const all = Array.from({ length: 100 }, (_, count) => `${count}`);
      expect(await here.holds(100)).toEqual(all);
      expect(await there.holds(100)).toEqual(all);
    });

    it('carries nothing to who stopped listening, and outlives a listener that throws', async () => {
      const [gone, stays] = [new Inbox(), new Inbox()];
      const stop = other.subscribe('news', gone.hear);
      other.subscribe('news', () => {
        throw new Error('a listener that cannot cope');
      });
      other.subscribe('news', stays.hear);
      stop();
      stop();
      await settled(other);
      one.publish('news', bytes('a'));
      one.publish('news', bytes('b'));
      expect(await stays.holds(2)).toEqual(['a', 'b']);
      expect(gone.all).toEqual([]);
    });

    it('carries no message that is too long', async () => {
      const inbox = new Inbox();
      one.subscribe('news', inbox.hear);
      expect(one.publish('news', new Uint8Array(MAX_BUS_MESSAGE_BYTES + 1))).toBe(false);
      expect(one.publish('news', bytes('short'))).toBe(true);
      expect(await inbox.holds(1)).toEqual(['short']);
      const append = one.log('list').append('1', new Uint8Array(MAX_BUS_MESSAGE_BYTES + 1));
      await expect(append).rejects.toMatchObject({ code: 'too-long' });
    });

    it('keeps a log in one order for all, each id once', async () => {
      const [mine, theirs] = [one.log('list'), other.log('list')];
      expect(await theirs.extent()).toMatchObject({ first: 1, last: 0 });
      expect(await mine.append('a', bytes('first'))).toBe(1);
      expect(await theirs.append('b', bytes('second'))).toBe(2);
      expect(await mine.append('a', bytes('first'))).toBe(1);
      for (const log of [mine, theirs]) {
        expect(text((await log.read(1))?.data ?? bytes(''))).toBe('first');
        expect(await log.read(2)).toMatchObject({ sequence: 2 });
        expect(await log.read(3)).toBeUndefined();
        expect(await log.extent()).toMatchObject({ first: 1, last: 2 });
      }
      expect((await mine.extent()).epoch).toBe((await theirs.extent()).epoch);
      expect(await one.log('another').extent()).toMatchObject({ last: 0 });
    });

    it('tells of entries once they can be read', async () => {
      const told = new Promise<unknown>((resolve) => {
        const log = other.log('list');
        const stop = log.onAppended(() => {
          void log.read(1).then((entry) => {
            if (entry === undefined) return;
            stop();
            resolve(text(entry.data));
          });
        });
      });
      await settled(other);
      await one.log('list').append('a', bytes('entry'));
      expect(await told).toBe('entry');
    });

    it('says so when it is away, comes back by itself, and has lost no entry of a log', async () => {
      const inbox = new Inbox();
      other.subscribe('news', inbox.hear);
      await one.log('list').append('a', bytes('kept'));
      const { epoch } = await one.log('list').extent();
      const away = Promise.all([connectedTo(one, false), connectedTo(other, false)]);
      await network.down();
      await away;
      expect(one.publish('news', bytes('unheard'))).toBe(false);
      await expect(one.log('list').append('b', bytes('refused'))).rejects.toMatchObject({ code: 'bus-lost' });
      await network.up();
      await Promise.all([connectedTo(one, true), connectedTo(other, true)]);
      await settled(other);
      one.publish('news', bytes('heard'));
      expect(await inbox.holds(1)).toEqual(['heard']);
      expect(text((await other.log('list').read(1))?.data ?? bytes(''))).toBe('kept');
      expect((await other.log('list').extent()).epoch).toBe(epoch);
      expect(await one.log('list').append('b', bytes('now'))).toBe(2);
    });

    it('says nothing more once it is closed, and closes twice', async () => {
      const inbox = new Inbox();
      one.subscribe('news', inbox.hear);
      await one.close();
      await one.close();
      expect(one.connected).toBe(false);
      expect(one.publish('news', bytes('x'))).toBe(false);
      await expect(one.log('list').extent()).rejects.toMatchObject({ code: 'bus-lost' });
      other.publish('news', bytes('y'));
      await settled(other);
      expect(inbox.all).toEqual([]);
    });
  });
}
