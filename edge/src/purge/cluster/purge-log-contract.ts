import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from '../../bus/bus.js';
import { type BusNetwork, bytes, connectedTo } from '../../bus/bus-contract.js';
import type { Member } from '../../cluster/members.js';
import { systemTimers } from '../../components.js';
import { FakeMembers, member } from '../../testing/fake-members.js';
import { encodeOrder, type PurgeOrder } from '../order.js';
import type { Purge, PurgeReport, PurgeTarget } from '../purge.js';
import type { Cursor, CursorStore } from './cursor-file.js';
import { PurgeLog } from './over-log.js';
import { decodeProgress } from './progress.js';

const nameOf = (target: PurgeTarget): string => {
  switch (target.by) {
    case 'path':
      return target.path;
    case 'prefix':
      return target.prefix;
    case 'tag':
      return target.tag;
    case 'all':
      return 'everything';
  }
};

/** Writes down what is purged, and waits where a test says so. */
export class RecordedPurge implements Purge {
  readonly done: string[] = [];
  readonly #waiting: (() => void)[] = [];
  until: Promise<void> = Promise.resolve();

  async hard(target: PurgeTarget): Promise<PurgeReport> {
    return await this.#note(nameOf(target));
  }
  async soft(target: PurgeTarget): Promise<PurgeReport> {
    return await this.#note(`soft ${nameOf(target)}`);
  }
  async paths(): Promise<PurgeReport> {
    throw new Error('not for others');
  }

  async holds(count: number): Promise<string[]> {
    while (this.done.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.done;
  }

  async #note(name: string): Promise<PurgeReport> {
    await this.until;
    this.done.push(name);
    for (const look of this.#waiting.splice(0)) look();
    return { objects: 1, fills: 0, keys: [name] };
  }
}

class KeptCursor implements CursorStore {
  kept: Cursor | undefined;
  async load(): Promise<Cursor | undefined> {
    return this.kept;
  }
  async save(cursor: Cursor): Promise<void> {
    this.kept = cursor;
  }
}

export const path = (name: string): PurgeOrder => ({ target: { by: 'path', path: name }, soft: false });

/** An edge as far as purges are concerned. */
export interface PurgingEdge {
  readonly log: PurgeLog;
  readonly bus: Bus;
  readonly purge: RecordedPurge;
  readonly cursor: KeptCursor;
  readonly members: FakeMembers;
  readonly how: string[];
  readonly trouble: unknown[];
  stop(): Promise<void>;
}

export interface EdgeChanges {
  readonly cursor?: KeptCursor;
  readonly startsEmpty?: boolean;
  readonly waitMs?: number;
  readonly startMs?: number;
}

/** Opens edges on a network, and closes them. */
export class PurgingEdges {
  readonly #network: BusNetwork;
  readonly #open: PurgingEdge[] = [];
  #instances = 0;

  constructor(network: BusNetwork) {
    this.#network = network;
  }

  async enter(self: Member, others: readonly Member[], changes: EdgeChanges = {}): Promise<PurgingEdge> {
    const { cursor = new KeptCursor(), startsEmpty = false, waitMs = 5000, startMs = 5000 } = changes;
    const bus = await this.#network.connect();
    const purge = new RecordedPurge();
    const members = new FakeMembers(self, others);
    const how: string[] = [];
    const trouble: unknown[] = [];
    const log = new PurgeLog(
      {
        ...{ bus, members, instance: `instance-${this.#instances++}`, timers: systemTimers, purge, cursor },
        onApplied: (word) => how.push(word),
        onTrouble: (error) => trouble.push(error),
      },
      { startsEmpty, waitMs, startMs },
    );
    const edge: PurgingEdge = {
      ...{ log, bus, purge, cursor, members, how, trouble },
      async stop() {
        await log.close();
        await bus.close();
      },
    };
    this.#open.push(edge);
    await log.caughtUp();
    return edge;
  }

  async close(): Promise<void> {
    for (const edge of this.#open.splice(0)) await edge.stop();
    await this.#network.close();
  }
}

/** What holds for purges over the log of every bus. */
export function purgeLogContract(name: string, open: () => Promise<BusNetwork>): void {
  describe(`purges over the log of a bus: ${name}`, () => {
    let network: BusNetwork;
    let edges: PurgingEdges;
    const [a, b] = [member('a'), member('b')];
    const shield = member('shield', { role: 'shield' });

    beforeEach(async () => {
      network = await open();
      edges = new PurgingEdges(network);
    });
    afterEach(() => edges.close());

    it('reach every edge in one order, and the answer names who has them', async () => {
      const one = await edges.enter(a, [b]);
      const other = await edges.enter(b, [a]);
      const soft = { target: { by: 'tag', tag: 't' }, soft: true } as const;
      const reports = [await one.log.send(path('/1')), await other.log.send(soft)];
      expect(reports).toMatchObject([
        { local: { keys: ['/1'] }, others: { applied: ['b'], missing: [], shieldsNotWaitedFor: [] } },
        { local: { keys: ['soft t'] }, others: { applied: ['a'], missing: [], isDurable: true } },
      ]);
      expect([one.purge.done, other.purge.done]).toEqual([
        ['/1', 'soft t'],
        ['/1', 'soft t'],
      ]);
      expect(one.how).toEqual(['in-order', 'in-order']);
    });

    it('are answered once who says nothing is no member any more, and the answer names who that was', async () => {
      const [gone, done] = [member('gone'), member('done')];
      const one = await edges.enter(a, [b, gone, done]);
      await edges.enter(b, [a]);
      await edges.enter(done, [a]);
      const saidSo = new Promise<void>((resolve) => {
        one.bus.subscribe('purged', (data) => {
          const progress = decodeProgress(data);
          if (progress?.name === 'done' && progress.sequence === 1) resolve();
        });
      });
      const sent = one.log.send(path('/1'));
      await saidSo;
      one.members.setOthers([b]);
      const { others } = await sent;
      expect([others?.applied.toSorted(), others?.missing]).toEqual([['b', 'done'], ['gone']]);
    });

    it('are carried out by shields first', async () => {
      const edge = await edges.enter(a, [shield]);
      const first = await edges.enter(shield, [a]);
      let release = (): void => {};
      first.purge.until = new Promise((resolve) => {
        release = resolve;
      });
      const sent = edge.log.send(path('/1'));
      await expect.poll(() => first.log.behind, { interval: 5 }).toBe(1);
      expect(edge.purge.done).toEqual([]);
      first.purge.until = Promise.resolve();
      release();
      expect(await sent).toMatchObject({ others: { applied: ['shield'], shieldsNotWaitedFor: [] } });
      expect(edge.how).toEqual(['in-order']);
    });

    it('do not wait for ever for a shield, and only once; it is said, and made good when it comes', async () => {
      const edge = await edges.enter(a, [shield], { waitMs: 50 });
      const first = await edges.enter(shield, [a]);
      let release = (): void => {};
      first.purge.until = new Promise((resolve) => {
        release = resolve;
      });
      expect(await edge.log.send(path('/1'))).toMatchObject({
        others: { applied: [], missing: ['shield'], shieldsNotWaitedFor: ['shield'], isDurable: true },
      });
      await edge.log.send(path('/2'));
      expect(edge.how).toEqual(['without-shield', 'without-shield']);
      release();
      // What the edge may have fetched from the shield meanwhile goes too.
      expect((await edge.purge.holds(4)).slice(2)).toEqual(['/1', '/2']);
      await expect.poll(() => edge.how.slice(2), { interval: 5 }).toEqual(['again', 'again']);
    });

    it('are carried out by who was away, once it is back, from where it was', async () => {
      const one = await edges.enter(a, [b]);
      const other = await edges.enter(b, [a]);
      await one.log.send(path('/1'));
      await other.stop();
      one.members.setOthers([]);
      await one.log.send(path('/2'));
      await one.log.send(path('/3'));
      const back = await edges.enter(b, [a], { cursor: other.cursor });
      expect(back.purge.done).toEqual(['/2', '/3']);
      expect(back.how).toEqual(['in-order', 'in-order']);
      const empty = await edges.enter(member('c'), [a], { startsEmpty: true });
      expect(empty.purge.done).toEqual([]);
      await one.log.send(path('/4'));
      expect(await empty.purge.holds(1)).toEqual(['/4']);
    });

    it('are all taken for missed where the edge does not know how far it was', async () => {
      const one = await edges.enter(a, []);
      await one.log.send(path('/1'));
      const unknown = await edges.enter(b, []);
      expect([unknown.purge.done, unknown.how]).toEqual([['everything'], ['everything']]);
      const cursor = new KeptCursor();
      cursor.kept = { epoch: 'of another log', sequence: 1 };
      const other = await edges.enter(member('c'), [], { cursor });
      expect([other.purge.done, other.cursor.kept?.sequence]).toEqual([['everything'], 1]);
    });

    it('that nobody can read are left out', async () => {
      const one = await edges.enter(a, []);
      for (const [id, said] of ['', '{', '{"target":{"by":"path"}}', '[1]'].entries()) {
        await one.bus.log('purges').append(`${id}`, bytes(said));
      }
      await one.log.send(path('/1'));
      expect(one.purge.done).toEqual(['/1']);
      expect(one.how.filter((how) => how === 'garbled')).toHaveLength(4);
    });

    it('the same again changes nothing', async () => {
      const one = await edges.enter(a, []);
      const log = one.bus.log('purges');
      await log.append('id', encodeOrder(path('/1')));
      await log.append('id', encodeOrder(path('/1')));
      await one.log.send(path('/2'));
      expect(one.purge.done).toEqual(['/1', '/2']);
    });

    it('are repeated when a sibling, from which it may have come back, has caught up', async () => {
      const near = member('b', { siblingUrl: 'http://b' });
      const far = member('c', { siblingUrl: 'http://c', pop: 'ams' });
      const one = await edges.enter(a, [near, far]);
      const sibling = await edges.enter(near, []);
      const stranger = await edges.enter(far, []);
      let release = (): void => {};
      sibling.purge.until = new Promise((resolve) => {
        release = resolve;
      });
      const sent = one.log.send(path('/1'));
      await one.purge.holds(1);
      await stranger.purge.holds(1);
      release();
      await sent;
      expect(await one.purge.holds(2)).toEqual(['/1', '/1']);
      await expect.poll(() => one.how, { interval: 5 }).toEqual(['in-order', 'again']);
    });

    it('go on after the bus was away in the middle; meanwhile they are carried out here, and it is said', async () => {
      const one = await edges.enter(a, [b], { waitMs: 10_000 });
      const other = await edges.enter(b, [a]);
      await one.log.send(path('/1'));
      await network.down();
      await connectedTo(one.bus, false);
      expect(await one.log.send(path('/2'))).toMatchObject({
        local: { keys: ['/2'] },
        others: { missing: ['b'], isDurable: false, problem: expect.any(String) },
      });
      await network.up();
      await Promise.all([connectedTo(one.bus, true), connectedTo(other.bus, true)]);
      await expect
        .poll(() => one.log.send(path('/3')).then(({ others }) => others?.problem), { interval: 50 })
        .toBeUndefined();
      expect(other.purge.done.slice(0, 2)).toEqual(['/1', '/3']);
    });
  });
}
