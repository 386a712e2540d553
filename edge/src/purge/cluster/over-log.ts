import { randomUUID } from 'node:crypto';
import { type Bus, BusError } from '../../bus/bus.js';
import { Listeners } from '../../bus/listeners.js';
import type { Member, MemberTable } from '../../cluster/members.js';
import type { Timers, Unsubscribe } from '../../components.js';
import { carryOut, encodeOrder, type PurgeOrder } from '../order.js';
import type { Purge, PurgeReport } from '../purge.js';
import type { OtherEdges, PurgeSpread, SpreadReport } from '../spread.js';
import type { CursorStore } from './cursor-file.js';
import { type Applied, type AppliedHow, LogFollower } from './log-follower.js';
import { decodeProgress, encodeProgress, type Progress, ProgressBoard } from './progress.js';
import { SecondPass } from './second-pass.js';

export interface PurgeLogComponents {
  readonly bus: Bus;
  readonly members: MemberTable;
  readonly instance: string;
  readonly timers: Timers;
  readonly purge: Purge;
  readonly cursor: CursorStore;
  readonly onApplied?: (how: AppliedHow | 'again') => void;
  readonly onGarbled?: () => void;
  readonly onTrouble: (error: unknown) => void;
}

export interface PurgeLogOptions {
  readonly startsEmpty: boolean;
  /** How long a start waits for the log. Default 3 s. */
  readonly startMs?: number;
  /** How long edges wait for a shield, and whoever purges for all. Default 5 s. */
  readonly waitMs?: number;
}

const START_MS = 3_000;
const WAIT_MS = 5_000;
/** How long this edge itself may take, once shields have been waited for. */
const OWN_MS = 10_000;
/** For those who were not there when it was said. */
const TELL_EVERY_MS = 2_000;
const SUBJECT = 'purged';

/** Purges over the log of the bus: in one order for all, shields first, and who was away carries them out later. */
export class PurgeLog implements PurgeSpread {
  readonly #components: PurgeLogComponents;
  readonly #startMs: number;
  readonly #waitMs: number;
  readonly #follower: LogFollower;
  readonly #board = new ProgressBoard();
  readonly #secondPass = new SecondPass();
  readonly #changed = new Listeners<[]>();
  readonly #applied = new Listeners<[Applied]>();
  /** Shields that were waited for in vain: not once more, until they are heard of. */
  readonly #late = new Set<string>();
  /** Who was there when a purge that is not answered yet was asked for. */
  readonly #asked = new Set<readonly Member[]>();
  readonly #stops: Unsubscribe[];
  #servesFrom = 0;
  #closed = false;
  #cancelTell: () => void;

  constructor(components: PurgeLogComponents, options: PurgeLogOptions) {
    const { bus, members, timers, purge, cursor, onTrouble } = components;
    this.#components = components;
    this.#startMs = options.startMs ?? START_MS;
    this.#waitMs = options.waitMs ?? WAIT_MS;
    this.#follower = new LogFollower(
      {
        ...{ log: bus.log('purges'), timers, cursor, onTrouble },
        carryOut: (order) => carryOut(purge, order),
        turn: (epoch, sequence) => this.#turn(epoch, sequence),
        onApplied: (applied) => this.#noteApplied(applied),
      },
      options,
    );
    this.#stops = [
      bus.subscribe(SUBJECT, (data) => this.#hear(data)),
      members.onChange(() => {
        const awaited = [...members.all(), ...[...this.#asked].flat()];
        this.#board.keepOnly(new Set(awaited.map(({ name }) => name)));
        this.#changed.tell();
      }),
    ];
    const tell = (): void => {
      this.#cancelTell = timers.after(TELL_EVERY_MS, tell);
      this.#tell();
    };
    this.#cancelTell = timers.after(TELL_EVERY_MS, tell);
    void this.#follower.wake();
  }

  get sequence(): number {
    return this.#follower.position?.sequence ?? 0;
  }

  get behind(): number {
    return this.#follower.behind;
  }

  async caughtUp(): Promise<void> {
    const { bus } = this.#components;
    const isThere = new Promise<void>((resolve) => {
      const look = async (): Promise<void> => {
        await this.#follower.wake();
        if (this.#follower.position !== undefined) resolve();
      };
      this.#stops.push(bus.onConnected((connected) => void (connected && look())));
      void look();
    });
    const inTime = await this.#within(
      this.#startMs,
      isThere.then(() => true),
    );
    if (inTime === undefined) {
      this.#components.onTrouble(
        new BusError('bus-lost', 'the purges that this edge may have missed are not known yet'),
      );
    }
    this.#servesFrom = this.sequence;
    this.#follower.serve();
    this.#tell();
  }

  async send(order: PurgeOrder): Promise<SpreadReport> {
    const asked = this.#others();
    this.#asked.add(asked);
    return await this.#send(order, asked).finally(() => this.#asked.delete(asked));
  }

  async #send(order: PurgeOrder, asked: readonly Member[]): Promise<SpreadReport> {
    let sequence: number;
    try {
      sequence = await this.#append(order);
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      // Better here than nowhere.
      return await this.#onlyHere(order, error.message);
    }
    const local = await this.#within(this.#waitMs + OWN_MS, this.#reportOf(sequence));
    if (local === undefined) return await this.#onlyHere(order, 'the bus was lost meanwhile', true);
    const { epoch } = this.#follower.position ?? { epoch: '' };
    const hasApplied = ({ name }: Member): boolean => this.#board.hasApplied(name, epoch, sequence);
    await this.#until(() => this.#others().every(hasApplied));
    // Who is no member any more may be back with what it held.
    const byName = new Map([...asked, ...this.#others()].map((member) => [member.name, member]));
    const everybody = [...byName.values()];
    const missing = everybody.filter((member) => !hasApplied(member));
    return { local, others: this.#report(everybody.filter(hasApplied), missing, true) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTell();
    for (const stop of this.#stops) stop();
    this.#changed.tell();
    await this.#follower.close();
  }

  #others(): readonly Member[] {
    return this.#components.members.all().slice(1);
  }

  /** An answer that got lost is no second entry. */
  async #append(order: PurgeOrder): Promise<number> {
    const log = this.#components.bus.log('purges');
    const id = randomUUID();
    const data = encodeOrder(order);
    return await log.append(id, data).catch((error: unknown) => {
      if (error instanceof BusError && error.code === 'log-unusable') return log.append(id, data);
      throw error;
    });
  }

  #reportOf(sequence: number): Promise<PurgeReport> {
    return new Promise((resolve) => {
      const nothing = { objects: 0, fills: 0, keys: [] };
      if (this.sequence >= sequence) resolve(nothing);
      const stop = this.#applied.add((applied) => {
        if (applied.sequence < sequence) return;
        stop();
        resolve(applied.report ?? nothing);
      });
      void this.#follower.wake();
    });
  }

  async #onlyHere(order: PurgeOrder, problem: string, isDurable = false): Promise<SpreadReport> {
    const local = await carryOut(this.#components.purge, order);
    return { local, others: this.#report([], this.#others(), isDurable, problem) };
  }

  #report(
    applied: readonly Member[],
    missing: readonly Member[],
    isDurable: boolean,
    problem?: string,
  ): OtherEdges {
    const names = (members: readonly Member[]): string[] => members.map(({ name }) => name);
    const shieldsNotWaitedFor = names(this.#others()).filter((name) => this.#late.has(name));
    return { applied: names(applied), missing: names(missing), shieldsNotWaitedFor, isDurable, problem };
  }

  /** Shields first: an edge that purged before them would fetch the old object from them again. */
  async #turn(epoch: string, sequence: number): Promise<boolean> {
    const { members } = this.#components;
    if (members.all()[0]?.role === 'shield') return true;
    const awaited = (): Member[] =>
      this.#others().filter(
        ({ name, role }) =>
          role === 'shield' && !this.#late.has(name) && !this.#board.hasApplied(name, epoch, sequence),
      );
    await this.#until(() => awaited().length === 0);
    for (const { name } of awaited()) this.#late.add(name);
    return this.#others().every(({ name, role }) => role !== 'shield' || !this.#late.has(name));
  }

  /** Resolves when it holds, or after the time that others are waited for. */
  async #until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    let stop: Unsubscribe = () => {};
    await this.#within(
      this.#waitMs,
      new Promise<void>((resolve) => {
        stop = this.#changed.add(() => {
          if (this.#closed || holds()) resolve();
        });
      }),
    );
    stop();
  }

  async #within<Value>(ms: number, work: Promise<Value>): Promise<Value | undefined> {
    let cancel: () => void = () => {};
    const late = new Promise<undefined>((resolve) => {
      cancel = this.#components.timers.after(ms, () => resolve(undefined));
    });
    return await Promise.race([work, late]).finally(() => cancel());
  }

  #noteApplied(applied: Applied): void {
    const { sequence, epoch, how, order } = applied;
    this.#components.onApplied?.(how);
    if (order !== undefined) {
      const ahead = this.#board.instancesPast(epoch, sequence);
      this.#secondPass.note(sequence, order, ahead);
    } else if (how === 'everything') {
      this.#secondPass.clear();
    }
    this.#applied.tell(applied);
    this.#tell();
  }

  #tell(): void {
    const { bus, members, instance } = this.#components;
    const [self] = members.all();
    const position = this.#follower.position;
    if (self === undefined || position === undefined) return;
    bus.publish(
      SUBJECT,
      encodeProgress({ name: self.name, instance, ...position, servesFrom: this.#servesFrom }),
    );
  }

  #hear(data: Uint8Array): void {
    const progress = decodeProgress(data);
    if (progress === undefined) {
      this.#components.onGarbled?.();
      return;
    }
    if (progress.instance === this.#components.instance || !this.#board.note(progress)) return;
    this.#late.delete(progress.name);
    this.#changed.tell();
    if (this.#mayGiveUs(progress)) void this.#repeat(progress);
  }

  /** Whether it is asked for what this edge does not hold. */
  #mayGiveUs({ name, epoch }: Progress): boolean {
    const [self, ...others] = this.#components.members.all();
    const member = others.find((other) => other.name === name);
    if (member === undefined || epoch !== this.#follower.position?.epoch) return false;
    if (member.role === 'shield') return self?.role !== 'shield';
    return member.siblingUrl !== undefined && member.pop === self?.pop;
  }

  async #repeat(progress: Progress): Promise<void> {
    for (const order of this.#secondPass.due(progress)) {
      try {
        await carryOut(this.#components.purge, order);
        this.#components.onApplied?.('again');
      } catch (error) {
        this.#components.onTrouble(error);
      }
    }
  }
}
