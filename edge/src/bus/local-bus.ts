import { randomUUID } from 'node:crypto';
import type { Clock, Unsubscribe } from '../components.js';
import { type Bus, BusError, type LogEntry, MAX_BUS_MESSAGE_BYTES } from './bus.js';
import { Listeners } from './listeners.js';

const SAME_ID_MS = 120_000;
/** Entries of a log that are kept. */
const KEPT = 10_000;

export interface LocalHubComponents {
  /** Monotonic. */
  readonly clock: Clock;
}

/** A bus within this process: what one edge alone has, and several in one test. */
export class LocalHub {
  readonly #subjects = new Map<string, Listeners<[Uint8Array]>>();
  readonly #connected = new Listeners<[boolean]>();
  readonly #logs = new Map<string, LocalLog>();
  readonly #clock: Clock;
  #up = true;

  constructor({ clock }: LocalHubComponents) {
    this.#clock = clock;
  }

  /** For tests: what a server that is away does to all. */
  setUp(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    this.#connected.tell(up);
    if (up) for (const log of this.#logs.values()) log.wake();
  }

  /** For tests: entries below `sequence` are kept no longer. */
  forgetBefore(log: string, sequence: number): void {
    this.#logOf(log).forgetBefore(sequence);
  }

  connect(): Bus {
    const own = new Set<Unsubscribe>();
    let closed = false;
    const kept = (stop: Unsubscribe): Unsubscribe => {
      own.add(stop);
      return () => {
        stop();
        own.delete(stop);
      };
    };
    const isUp = (): boolean => this.#up && !closed;
    return {
      get connected() {
        return isUp();
      },
      onConnected: (listener) => kept(this.#connected.add(listener)),
      publish: (subject, data) => {
        if (!isUp() || data.length > MAX_BUS_MESSAGE_BYTES) return false;
        const copy = data.slice();
        // Not at once, as it would not be elsewhere either.
        queueMicrotask(() => this.#subjects.get(subject)?.tell(copy));
        return true;
      },
      subscribe: (subject, hear) => {
        const listeners = this.#subjects.get(subject) ?? new Listeners<[Uint8Array]>();
        this.#subjects.set(subject, listeners);
        const stop = listeners.add(hear);
        return kept(() => {
          stop();
          if (listeners.size === 0 && this.#subjects.get(subject) === listeners) {
            this.#subjects.delete(subject);
          }
        });
      },
      log: (name) => {
        const log = this.#logOf(name);
        const reached = <Value>(work: () => Value): Promise<Value> =>
          isUp() ? Promise.resolve(work()) : Promise.reject(new BusError('bus-lost', 'the bus is away'));
        return {
          async append(id, data) {
            if (data.length > MAX_BUS_MESSAGE_BYTES) {
              throw new BusError('too-long', `${data.length} bytes are too many for the bus`);
            }
            return await reached(() => log.append(id, data));
          },
          extent: () => reached(() => log.extent()),
          read: (sequence) => reached(() => log.read(sequence)),
          onAppended: (listener) => kept(log.onAppended(listener)),
        };
      },
      close: async () => {
        closed = true;
        for (const stop of own) stop();
      },
    };
  }

  #logOf(name: string): LocalLog {
    const log = this.#logs.get(name) ?? new LocalLog(this.#clock);
    this.#logs.set(name, log);
    return log;
  }
}

class LocalLog {
  readonly #clock: Clock;
  readonly #epoch = randomUUID();
  readonly #appended = new Listeners<[]>();
  readonly #ids = new Map<string, { readonly sequence: number; readonly atMs: number }>();
  #entries: LogEntry[] = [];
  #first = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  append(id: string, data: Uint8Array): number {
    const nowMs = this.#clock.now();
    for (const [known, { atMs }] of this.#ids) {
      if (nowMs - atMs < SAME_ID_MS) break;
      this.#ids.delete(known);
    }
    const before = this.#ids.get(id);
    if (before !== undefined) return before.sequence;
    const sequence = this.#first + this.#entries.length;
    this.#ids.set(id, { sequence, atMs: nowMs });
    this.#entries.push({ sequence, data: data.slice() });
    if (this.#entries.length > KEPT) this.forgetBefore(sequence - KEPT + 1);
    queueMicrotask(() => this.wake());
    return sequence;
  }

  extent(): { epoch: string; first: number; last: number } {
    return { epoch: this.#epoch, first: this.#first, last: this.#first + this.#entries.length - 1 };
  }

  read(sequence: number): LogEntry | undefined {
    return this.#entries[Math.max(0, sequence - this.#first)];
  }

  onAppended(listener: () => void): Unsubscribe {
    return this.#appended.add(listener);
  }

  wake(): void {
    this.#appended.tell();
  }

  forgetBefore(sequence: number): void {
    this.#entries = this.#entries.filter((entry) => entry.sequence >= sequence);
    this.#first = sequence;
  }
}
