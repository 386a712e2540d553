import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/nats-core';
import type { Timers, Unsubscribe } from '../components.js';
import {
  type Bus,
  BusError,
  type BusLog,
  type LogEntry,
  type LogExtent,
  MAX_BUS_MESSAGE_BYTES,
} from './bus.js';
import { Listeners } from './listeners.js';

export interface LogLimits {
  /** Older entries are forgotten. */
  readonly maxAgeMs: number;
  readonly maxEntries: number;
  /** Servers of a NATS cluster that keep it. */
  readonly replicas: number;
}

export interface NatsLogComponents {
  readonly timers: Timers;
  readonly bus: Bus;
  /** Undefined while there is none. */
  readonly connection: () => NatsConnection | undefined;
}

export interface NatsLogOptions {
  readonly name: string;
  readonly prefix: string;
  readonly limits: LogLimits;
}

const ANSWER_MS = 5_000;
const SAME_ID_MS = 120_000;
/** Who appended may be gone before it could tell, so everybody looks now and then. */
const LOOK_EVERY_MS = 10_000;

/**
 * A log as a stream of JetStream. Readers keep their own place and ask for one entry after the other, so the server
 * knows nothing of them, and neither a restart there nor one here can lose a place.
 */
export class NatsLog implements BusLog {
  readonly #components: NatsLogComponents;
  readonly #limits: LogLimits;
  readonly #stream: string;
  readonly #subject: string;
  /** Beside the stream's own subject: it is heard once the entry can be read. */
  readonly #newsSubject: string;
  readonly #listeners = new Listeners<[]>();
  readonly #stops: Unsubscribe[];
  #cancelLook: () => void;
  #closed = false;

  constructor(components: NatsLogComponents, { name, prefix, limits }: NatsLogOptions) {
    const { bus, timers } = components;
    this.#components = components;
    this.#limits = limits;
    this.#stream = `${prefix.replaceAll('.', '_')}_${name}`;
    this.#subject = `${prefix}.log.${name}`;
    this.#newsSubject = `news.${name}`;
    const wake = (): void => void this.#listeners.tell();
    this.#stops = [
      bus.subscribe(this.#newsSubject, wake),
      bus.onConnected((connected) => {
        if (connected) wake();
      }),
    ];
    const look = (): void => {
      if (this.#closed) return;
      this.#cancelLook = timers.after(LOOK_EVERY_MS, look);
      wake();
    };
    this.#cancelLook = timers.after(LOOK_EVERY_MS, look);
  }

  async append(id: string, data: Uint8Array): Promise<number> {
    if (data.length > MAX_BUS_MESSAGE_BYTES) {
      throw new BusError('too-long', `${data.length} bytes are too many for the bus`);
    }
    return await this.#asking(async (connection) => {
      await this.#made(connection);
      const { seq } = await jetstream(connection, { timeout: ANSWER_MS }).publish(this.#subject, data, {
        ...{ msgID: id, timeout: ANSWER_MS },
      });
      this.#components.bus.publish(this.#newsSubject, new Uint8Array());
      return seq;
    });
  }

  async extent(): Promise<LogExtent> {
    return await this.#asking(async (connection) => {
      const { created, state } = await this.#made(connection);
      const first = Math.max(1, state.first_seq);
      return { epoch: String(created), first, last: Math.max(first - 1, state.last_seq) };
    });
  }

  async read(sequence: number): Promise<LogEntry | undefined> {
    return await this.#asking(async (connection) => {
      const manager = await this.#manager(connection);
      const query = { seq: sequence, next_by_subj: this.#subject };
      const message = await manager.direct.getMessage(this.#stream, query);
      return message === null ? undefined : { sequence: message.seq, data: message.data };
    });
  }

  onAppended(listener: () => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  close(): void {
    this.#closed = true;
    this.#cancelLook();
    for (const stop of this.#stops) stop();
    this.#listeners.clear();
  }

  /** The client's errors, in ours. */
  async #asking<Value>(work: (connection: NatsConnection) => Promise<Value>): Promise<Value> {
    const connection = this.#components.connection();
    if (connection === undefined || this.#closed) throw new BusError('bus-lost', 'NATS is not connected');
    try {
      return await work(connection);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const code = this.#components.connection() === undefined ? 'bus-lost' : 'log-unusable';
      throw new BusError(code, `the log ${this.#stream} of NATS cannot be used: ${message}`, {
        cause: error,
      });
    }
  }

  async #manager(connection: NatsConnection): Promise<JetStreamManager> {
    return await jetstreamManager(connection, { timeout: ANSWER_MS, checkAPI: false });
  }

  async #made(connection: NatsConnection): Promise<StreamInfo> {
    const { streams } = await this.#manager(connection);
    try {
      return await streams.info(this.#stream);
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== JetStreamApiCodes.StreamNotFound)
        throw error;
    }
    const { maxAgeMs, maxEntries, replicas } = this.#limits;
    try {
      return await streams.add({
        ...{ name: this.#stream, subjects: [this.#subject], storage: StorageType.File },
        ...{ retention: RetentionPolicy.Limits, discard: DiscardPolicy.Old, allow_direct: true },
        ...{ max_age: nanos(maxAgeMs), max_msgs: maxEntries, num_replicas: replicas },
        duplicate_window: nanos(Math.min(SAME_ID_MS, maxAgeMs)),
      });
    } catch (error) {
      // Another edge may have made it meanwhile, with settings of its own.
      return await streams.info(this.#stream).catch(() => {
        throw error;
      });
    }
  }
}
