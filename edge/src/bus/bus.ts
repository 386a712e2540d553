import type { Unsubscribe } from '../components.js';

/** One message may have this many bytes; longer ones are not sent. NATS itself takes a megabyte. */
export const MAX_BUS_MESSAGE_BYTES: number = 256 * 1024;

/**
 * What the edges of one CDN say to each other. Subjects are words with dots between, `[0-9A-Za-z_-]` each; all begin
 * below a prefix that the bus itself adds, so that several CDNs may share one server.
 */
export interface Bus {
  /** Whether what is said now may be heard. */
  readonly connected: boolean;
  /** Calls after each change. Returns how to stop. */
  onConnected(listener: (connected: boolean) => void): Unsubscribe;
  /**
   * To all that listen now, this edge among them, at most once each, in order. Without a connection, or if it is too
   * long, nobody hears it: false.
   */
  publish(subject: string, data: Uint8Array): boolean;
  /** A listener that throws is not heard of any more than a message that nobody understands. */
  subscribe(subject: string, hear: (data: Uint8Array) => void): Unsubscribe;
  /** The durable list of that name, made when it is first asked. */
  log(name: string): BusLog;
  /** What was published is sent first. Afterwards nothing is heard or said. */
  close(): Promise<void>;
}

/** A durable list of entries in one order for everybody, kept for a bounded time. */
export interface BusLog {
  /**
   * Resolves with its sequence once it will not be lost. `id`: the same within two minutes is one entry.
   *
   * @throws BusError
   */
  append(id: string, data: Uint8Array): Promise<number>;
  /** @throws BusError */
  extent(): Promise<LogExtent>;
  /** The first entry that is kept with at least this sequence; undefined: there is none yet. @throws BusError */
  read(sequence: number): Promise<LogEntry | undefined>;
  /** Calls when there may be entries that were not there before; now and then for nothing. Returns how to stop. */
  onAppended(listener: () => void): Unsubscribe;
}

export interface LogExtent {
  /** Another one: it is another list, and sequences of the old one mean nothing in it. */
  readonly epoch: string;
  /** Sequence of the oldest entry that is kept, or of the next one where none is. From 1. */
  readonly first: number;
  /** Of the newest; `first - 1` where none is kept. */
  readonly last: number;
}

export interface LogEntry {
  readonly sequence: number;
  readonly data: Uint8Array;
}

/** `bus-lost`: the bus does not answer. `log-unusable`: it does, but keeps no log for us. `too-long`: the message is. */
export type BusErrorCode = 'bus-lost' | 'log-unusable' | 'too-long';

export class BusError extends Error {
  readonly code: BusErrorCode;

  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BusError';
    this.code = code;
  }
}
