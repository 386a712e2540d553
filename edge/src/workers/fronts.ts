import { close } from 'node:fs';
import type { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { HotLaneOptions } from '../hot/hot-lane.js';
import { FrontCounters } from './front-counters.js';
import type { FromFront, FrontData, ToFront } from './front-messages.js';
import type { HotRecord } from './hot-record.js';
import { openTunnelListener, type TunnelListener } from './tunnel-listener.js';

export interface FrontsComponents {
  /** Takes a client's connection that came through a tunnel, as one of its own. */
  readonly onConnection: (socket: Socket) => void;
  /** Counts as a use of the object. */
  readonly onTouched: (key: string) => void;
  /** A front sent media to a session. */
  readonly onSent: (session: string, bytes: number) => void;
  /** What a new front must know. */
  readonly records: () => Iterable<HotRecord>;
  readonly onCrash: (error: Error, restarted: boolean) => void;
  /** The module that a front runs. */
  readonly frontUrl: URL;
}

export interface FrontsOptions {
  /** The public listener's descriptors, one for each front, then those for fronts that take a dead one's place. */
  readonly fds: readonly number[];
  readonly count: number;
  readonly maxConnections: number;
  readonly lane: HotLaneOptions;
  readonly site: FrontData['site'];
}

const REPORT_MS = 200;

interface Front {
  readonly worker: Worker;
  readonly slot: number;
  readonly syncs: Map<number, () => void>;
  readonly ended: Promise<void>;
}

/** Slot 0 is the owner's. */
export const OWNER_SLOT = 0;

/** The threads that stand beside this one, their owner, on the public listener. */
export class Fronts {
  readonly counters: FrontCounters;
  readonly #components: FrontsComponents;
  readonly #options: FrontsOptions;
  readonly #tunnels: TunnelListener;
  readonly #fds: number[];
  readonly #fronts = new Set<Front>();
  readonly #slots: number;
  /** Whose tunnel a socket is. */
  readonly #origins = new WeakMap<Socket, { readonly front: Front; readonly tunnel: number }>();
  #lastSync = 0;
  #closing = false;
  #atRest = false;

  private constructor(components: FrontsComponents, options: FrontsOptions, tunnels: TunnelListener) {
    this.#components = components;
    this.#options = options;
    this.#tunnels = tunnels;
    this.#fds = [...options.fds];
    this.#slots = options.count + 1;
    this.counters = new FrontCounters({ slots: this.#slots });
  }

  /** Resolves when all of them listen. */
  static async start(components: FrontsComponents, options: FrontsOptions): Promise<Fronts> {
    let fronts: Fronts | undefined;
    const tunnels = await openTunnelListener((socket, { slot, tunnel }) => {
      if (fronts === undefined) socket.destroy();
      else fronts.#welcome(socket, slot, tunnel);
    });
    const started = new Fronts(components, options, tunnels);
    fronts = started;
    try {
      await Promise.all(Array.from({ length: options.count }, (_, index) => started.#startFront(index + 1)));
    } catch (error) {
      await started.terminate();
      throw error;
    }
    return started;
  }

  publish(record: HotRecord): void {
    this.#tellAll({ is: 'set', record });
  }

  drop(key: string): void {
    this.#tellAll({ is: 'drop', key });
  }

  /** Resolves when every front has done all that it was told: nobody answers from what was dropped before. */
  async synced(): Promise<void> {
    const id = ++this.#lastSync;
    await Promise.all(
      [...this.#fronts].map((front) => {
        const said = new Promise<void>((resolve) => front.syncs.set(id, resolve));
        tell(front, { is: 'sync', id });
        return Promise.race([said, front.ended]);
      }),
    );
  }

  /** To be told of each connection that has all its answers: a front then takes it back. */
  between(socket: Socket): void {
    const origin = this.#origins.get(socket);
    if (origin === undefined) return;
    const { bytesRead: readBytes, bytesWritten: writtenBytes } = socket;
    tell(origin.front, { is: 'between', tunnel: origin.tunnel, readBytes, writtenBytes });
  }

  /** At rest they answer nothing themselves, and connections end after what the owner answers. */
  rest(resting: boolean): void {
    this.#atRest = resting;
    this.#tellAll({ is: 'rest', resting });
  }

  /** No more connections; resolves when the last is over. Tunnels end as the owner ends them. */
  async drain(): Promise<void> {
    this.#closing = true;
    // As long as one is open, the kernel takes connections for it.
    for (const fd of this.#fds.splice(0)) close(fd, () => {});
    this.#tellAll({ is: 'stop' });
    await Promise.all([...this.#fronts].map(({ ended }) => ended));
    this.#tunnels.close();
  }

  /** Cuts what is left. */
  async terminate(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#fronts].map(({ worker }) => worker.terminate()));
    this.#tunnels.close();
  }

  #welcome(socket: Socket, slot: number, tunnel: number): void {
    const front = [...this.#fronts].find((candidate) => candidate.slot === slot);
    if (front === undefined) {
      socket.destroy();
      return;
    }
    this.#origins.set(socket, { front, tunnel });
    this.#components.onConnection(socket);
  }

  #startFront(slot: number): Promise<void> {
    const fd = this.#fds.shift();
    if (fd === undefined) return Promise.reject(new Error('no descriptor is left for another front'));
    const { lane, site, maxConnections } = this.#options;
    const { address: owner } = this.#tunnels;
    const workerData: FrontData = {
      ...{ fd, owner, lane, site, maxConnections, slot, slots: this.#slots },
      counters: this.counters.memory,
      reportMs: REPORT_MS,
    };
    const worker = new Worker(this.#components.frontUrl, { workerData });
    const syncs = new Map<number, () => void>();
    const front: Front = {
      ...{ worker, slot, syncs },
      ended: new Promise((resolve) => worker.once('exit', () => resolve())),
    };
    this.#fronts.add(front);
    for (const record of this.#components.records()) tell(front, { is: 'set', record });
    if (this.#atRest) tell(front, { is: 'rest', resting: true });
    return new Promise((resolve, reject) => {
      let failure: Error | undefined;
      let listening = false;
      worker.on('message', (message: FromFront) => {
        if (message.is === 'listening') {
          listening = true;
          resolve();
        } else if (message.is === 'touched') for (const key of message.keys) this.#components.onTouched(key);
        else if (message.is === 'sent') {
          for (const [session, bytes] of message.sessions) this.#components.onSent(session, bytes);
        } else if (message.is === 'synced') {
          syncs.get(message.id)?.();
          syncs.delete(message.id);
        } else void worker.terminate();
      });
      worker.on('error', (error: Error) => {
        failure = error;
        reject(error);
      });
      worker.on('exit', () => {
        this.#fronts.delete(front);
        this.counters.closed(slot);
        reject(failure ?? new Error('a front ended before it listened'));
        // One that never listened would not do better the next time.
        if (listening && !this.#closing) this.#replace(slot, failure ?? new Error('a front ended'));
      });
    });
  }

  /** Its connections are lost; others are not. */
  #replace(slot: number, failure: Error): void {
    const restarted = this.#fds.length > 0;
    this.#components.onCrash(failure, restarted);
    if (restarted) this.#startFront(slot).catch(() => {});
  }

  #tellAll(message: ToFront): void {
    for (const front of this.#fronts) tell(front, message);
  }
}

function tell({ worker }: Front, message: ToFront): void {
  worker.postMessage(message);
}
