import type { NatsConnection, Subscription } from '@nats-io/nats-core';
import { connect, credsAuthenticator, type NodeConnectionOptions } from '@nats-io/transport-node';
import type { Random, Timers, Unsubscribe } from '../components.js';
import { type Bus, type BusLog, MAX_BUS_MESSAGE_BYTES } from './bus.js';
import { Listeners } from './listeners.js';
import { type LogLimits, NatsLog } from './nats-log.js';

export interface NatsBusComponents {
  readonly timers: Timers;
  readonly random: Random;
  /** What keeps the bus from working, as often as it does. */
  readonly onTrouble?: (error: unknown) => void;
}

export interface NatsBusOptions {
  /** `nats://host:4222` or `tls://host:4222`; one of them is enough to learn of the rest of their cluster. */
  readonly urls: readonly string[];
  /** How the server's monitoring calls this client. */
  readonly name: string;
  /** Subjects and streams begin with it. */
  readonly prefix: string;
  /** Text of a credentials file (JWT and seed). */
  readonly credentials?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  readonly log: LogLimits;
}

const CONNECT_MS = 5_000;
const RETRY_MS = 1_000;
/** A server that answers no ping twice is taken for gone. */
const PING_MS = 5_000;

interface Heard {
  readonly subject: string;
  readonly hear: (data: Uint8Array) => void;
  subscription: Subscription | undefined;
}

/**
 * A bus over NATS; logs are streams of JetStream. There at once, connected as soon as a server answers: it tries for
 * ever, and what was subscribed to is heard again after each interruption.
 */
export class NatsBus implements Bus {
  readonly #components: NatsBusComponents;
  readonly #options: NatsBusOptions;
  readonly #heard = new Set<Heard>();
  readonly #listeners = new Listeners<[boolean]>();
  readonly #logs = new Map<string, NatsLog>();
  #connection: NatsConnection | undefined;
  #isUp = false;
  #closed = false;
  #cancelRetry: (() => void) | undefined;

  constructor(components: NatsBusComponents, options: NatsBusOptions) {
    this.#components = components;
    this.#options = options;
    void this.#open();
  }

  get connected(): boolean {
    return this.#isUp && !this.#closed;
  }

  onConnected(listener: (connected: boolean) => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  publish(subject: string, data: Uint8Array): boolean {
    // The client would keep for later what nobody wants to hear then.
    if (!this.connected || data.length > MAX_BUS_MESSAGE_BYTES) return false;
    try {
      this.#connection?.publish(this.#named(subject), data);
      return true;
    } catch (error) {
      this.#components.onTrouble?.(error);
      return false;
    }
  }

  subscribe(subject: string, hear: (data: Uint8Array) => void): Unsubscribe {
    const heard: Heard = { subject, hear, subscription: undefined };
    this.#heard.add(heard);
    this.#listen(heard);
    return () => {
      if (this.#heard.delete(heard)) stop(heard.subscription);
    };
  }

  log(name: string): BusLog {
    const known = this.#logs.get(name);
    if (known !== undefined) return known;
    const { timers } = this.#components;
    const { prefix, log } = this.#options;
    const fresh = new NatsLog(
      { timers, bus: this, connection: () => (this.connected ? this.#connection : undefined) },
      { name, prefix, limits: log },
    );
    this.#logs.set(name, fresh);
    return fresh;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    const wasUp = this.#isUp;
    this.#closed = true;
    this.#isUp = false;
    this.#cancelRetry?.();
    for (const log of this.#logs.values()) log.close();
    const connection = this.#connection;
    if (connection === undefined || connection.isClosed()) return;
    // Waits for what was published; a server that is gone is not waited for.
    if (wasUp) await Promise.race([connection.flush().catch(() => {}), this.#after(RETRY_MS)]);
    await connection.close().catch(() => {});
  }

  async #open(): Promise<void> {
    try {
      const connection = await connect(this.#connectOptions());
      if (this.#closed) {
        await connection.close();
        return;
      }
      this.#connection = connection;
      void this.#watch(connection);
      for (const heard of this.#heard) this.#listen(heard);
      this.#setUp(true);
    } catch (error) {
      if (this.#closed) return;
      this.#components.onTrouble?.(error);
      this.#retry();
    }
  }

  #retry(): void {
    const { timers, random } = this.#components;
    this.#cancelRetry = timers.after(RETRY_MS * (0.5 + random()), () => void this.#open());
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.#setUp(false);
      else if (status.type === 'reconnect') this.#setUp(true);
      else if (status.type === 'error') this.#components.onTrouble?.(status.error);
    }
    // It gave up, which it does of its own accord only where the server refuses us.
    if (this.#closed || this.#connection !== connection) return;
    this.#connection = undefined;
    for (const heard of this.#heard) heard.subscription = undefined;
    this.#setUp(false);
    this.#retry();
  }

  #setUp(up: boolean): void {
    if (this.#isUp === up || this.#closed) return;
    this.#isUp = up;
    this.#listeners.tell(up);
  }

  #listen(heard: Heard): void {
    const connection = this.#connection;
    if (connection === undefined || connection.isClosed() || this.#closed) return;
    heard.subscription = connection.subscribe(this.#named(heard.subject), {
      callback: (error, message) => {
        if (error !== null || this.#closed) return;
        try {
          heard.hear(message.data);
        } catch (problem) {
          this.#components.onTrouble?.(problem);
        }
      },
    });
  }

  #named(subject: string): string {
    return `${this.#options.prefix}.${subject}`;
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#components.timers.after(ms, resolve));
  }

  #connectOptions(): NodeConnectionOptions {
    const { urls, name, credentials, user, password, token, tls } = this.#options;
    return {
      ...{ servers: [...urls], name, timeout: CONNECT_MS, noAsyncTraces: true },
      ...{ maxReconnectAttempts: -1, reconnectTimeWait: RETRY_MS, reconnectJitter: RETRY_MS },
      ...{ pingInterval: PING_MS, maxPingOut: 2, ignoreAuthErrorAbort: true },
      ...(credentials === undefined
        ? {}
        : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
      ...(user === undefined ? {} : { user, pass: password ?? '' }),
      ...(token === undefined ? {} : { token }),
      ...(tls === undefined ? {} : { tls }),
    };
  }
}

function stop(subscription: Subscription | undefined): void {
  if (subscription !== undefined && !subscription.isClosed()) subscription.unsubscribe();
}
