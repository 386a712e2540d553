import type { Bus } from '../bus/bus.js';
import { Listeners } from '../bus/listeners.js';
import type { Clock, Random, Timers, Unsubscribe } from '../components.js';
import { type Beat, decodeBeat, encodeBeat } from './beat.js';
import { MemberBook } from './member-book.js';
import type { Member, MemberTable } from './members.js';

export interface MembershipComponents {
  /** One that leads nowhere, where this edge is alone. */
  readonly bus: Bus;
  /** Monotonic. */
  readonly clock: Clock;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Nobody else's, see `INSTANCE`. */
  readonly instance: string;
  /** Something on the bus that is not a beat. */
  readonly onGarbled?: () => void;
  /** Another edge has the same name; once for each. */
  readonly onNameTaken?: () => void;
}

export interface MembershipOptions {
  readonly self: Omit<Member, 'state' | 'load'>;
  readonly egressLimitBytesPerSecond: number;
  /** Default 1 s. */
  readonly beatMs?: number;
  /** Who says nothing for so long is gone. Default 4.5 s. */
  readonly silentMs?: number;
}

const SUBJECT = 'members';
const BEAT_MS = 1_000;
const SILENT_MS = 4_500;
/** A newcomer hears from all within this time, not from all at once. */
const ANSWER_MS = 200;

/** Who belongs to this CDN, by what each edge says on the bus every second. */
export class Membership implements MemberTable {
  readonly #components: MembershipComponents;
  readonly #beatMs: number;
  readonly #silentMs: number;
  readonly #book = new MemberBook();
  readonly #listeners = new Listeners<[]>();
  readonly #stops: Unsubscribe[];
  readonly #strangers = new Set<string>();
  readonly #startedAtMs: number;
  #self: Member;
  #tickedAtMs: number;
  #cancelBeat: () => void;
  #cancelAnswer: (() => void) | undefined;
  #closed = false;

  constructor(components: MembershipComponents, options: MembershipOptions) {
    const { bus, clock, wallClock } = components;
    this.#components = components;
    this.#beatMs = options.beatMs ?? BEAT_MS;
    this.#silentMs = options.silentMs ?? SILENT_MS;
    const { egressLimitBytesPerSecond } = options;
    const load = { egressBytesPerSecond: 0, egressLimitBytesPerSecond, viewers: 0, originWell: true };
    this.#self = { ...options.self, state: 'ready', load };
    this.#startedAtMs = wallClock.now();
    this.#tickedAtMs = clock.now();
    this.#stops = [
      bus.subscribe(SUBJECT, (data) => this.#hear(data)),
      bus.onConnected((connected) => {
        // Nobody could be heard meanwhile.
        this.#book.excuse(clock.now());
        if (connected) this.#say('hello');
      }),
    ];
    this.#cancelBeat = this.#nextBeat();
    this.#say('hello');
  }

  all(): readonly Member[] {
    return [this.#self, ...this.#book.members];
  }

  /** Whether the edge with this run is there. */
  isHere(instance: string): boolean {
    return this.#book.has(instance);
  }

  update({ state, load }: Partial<Pick<Member, 'state' | 'load'>>): void {
    const before = this.#self.state;
    this.#self = { ...this.#self, ...(state && { state }), ...(load && { load }) };
    // How loaded it is, the next beat tells.
    if (this.#self.state === before || this.#closed) return;
    this.#say();
    this.#listeners.tell();
  }

  onChange(listener: () => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  /** The others hear that it is gone. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelBeat();
    this.#cancelAnswer?.();
    this.#say('goodbye');
    for (const stop of this.#stops) stop();
    this.#listeners.clear();
  }

  #nextBeat(): () => void {
    const { timers, random } = this.#components;
    return timers.after(this.#beatMs * (0.9 + 0.2 * random()), () => this.#beat());
  }

  #beat(): void {
    const nowMs = this.#components.clock.now();
    // A process that stood still has not read yet what came meanwhile.
    const stoodStill = nowMs - this.#tickedAtMs > 2 * this.#beatMs;
    this.#tickedAtMs = nowMs;
    this.#cancelBeat = this.#nextBeat();
    this.#say();
    if (!this.#components.bus.connected || stoodStill) this.#book.excuse(nowMs);
    else if (this.#book.dropSilent(nowMs - this.#silentMs)) this.#listeners.tell();
  }

  #say(says?: Beat['says']): void {
    const { bus, instance } = this.#components;
    const beat: Beat = { member: this.#self, instance, startedAtMs: this.#startedAtMs, says };
    bus.publish(SUBJECT, encodeBeat(beat));
  }

  #hear(data: Uint8Array): void {
    const { clock, timers, random, instance, onGarbled, onNameTaken } = this.#components;
    const beat = decodeBeat(data);
    if (beat === undefined) {
      onGarbled?.();
      return;
    }
    if (beat.instance === instance || this.#closed) return;
    if (beat.member.name === this.#self.name) {
      if (!this.#strangers.has(beat.instance) && beat.says !== 'goodbye') onNameTaken?.();
      if (this.#strangers.size < MAX_STRANGERS) this.#strangers.add(beat.instance);
      return;
    }
    if (this.#book.hear(beat, clock.now())) this.#listeners.tell();
    if (beat.says !== 'hello') return;
    this.#cancelAnswer ??= timers.after(Math.floor(ANSWER_MS * random()), () => {
      this.#cancelAnswer = undefined;
      this.#say();
    });
  }
}

/** Told of once each; beyond so many, again and again. */
const MAX_STRANGERS = 64;
