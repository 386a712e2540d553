import { createServer, type Server } from 'node:http';
import { type EdgeMessage, PROTOCOL_VERSION, parseEdgeMessage, SWARM_PATH } from '@eddy/protocol';
import { Registry } from 'prom-client';
import { WebSocket } from 'ws';
import { systemClock } from '../../components.js';
import { createSegmentDigests, type SegmentDigests } from '../../digests/segment-digests.js';
import { HeldTimers } from '../../held-timers.js';
import { DEFAULT_SWARM_CONFIG, type SwarmServiceConfig } from '../config.js';
import { createSwarmService, type SwarmService, type SwarmServiceComponents } from '../swarm-service.js';

/** A swarm service on a port of its own. */
export interface Place {
  readonly service: SwarmService;
  readonly server: Server;
  readonly digests: SegmentDigests;
  readonly timers: HeldTimers;
  readonly registry: Registry;
  readonly port: number;
  /** Since the epoch. */
  nowMs: number;
}

const places: Place[] = [];
const viewers: Viewer[] = [];

export async function open(
  changes: Partial<SwarmServiceConfig> = {},
  components: Partial<SwarmServiceComponents> = {},
): Promise<Place> {
  const digests = createSegmentDigests({ readCached: () => undefined }, { maxSegments: 1000 });
  const timers = new HeldTimers();
  const registry = new Registry();
  const place = { nowMs: 1_700_000_000_000 } as Place;
  const service = createSwarmService(
    {
      ...{ digests, clock: systemClock, timers, random: Math.random, registry },
      wallClock: { now: () => place.nowMs },
      ...components,
    },
    { ...DEFAULT_SWARM_CONFIG, ...changes },
  );
  const server = createServer((request, response) => response.end(`plain ${request.method} ${request.url}`));
  service.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  Object.assign(place, { service, server, digests, timers, registry, port: address.port });
  places.push(place);
  return place;
}

/** Ends all that a test opened. */
export async function closeAll(): Promise<void> {
  for (const viewer of viewers.splice(0)) viewer.ws.terminate();
  for (const { service, server } of places.splice(0)) {
    await service.close();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A player as seen from its socket: what came, in order, and waiting for what comes next. */
export class Viewer {
  readonly ws: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #heard: (EdgeMessage | Uint8Array)[] = [];
  readonly #waiting: ((message: EdgeMessage | Uint8Array) => void)[] = [];

  constructor({ port }: Pick<Place, 'port'>, host = 'video.example') {
    this.ws = new WebSocket(`ws://127.0.0.1:${port}${SWARM_PATH}`, { headers: { host } });
    this.ws.on('message', (data, isBinary) => {
      if (!Buffer.isBuffer(data)) throw new Error('not a buffer');
      const message = isBinary ? new Uint8Array(data) : parseEdgeMessage(data.toString());
      const next = this.#waiting.shift();
      if (next !== undefined) next(message);
      else this.#heard.push(message);
    });
    this.ws.on('error', () => undefined);
    this.closed = new Promise((resolve) =>
      this.ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
    viewers.push(this);
  }

  async opened(): Promise<this> {
    if (this.ws.readyState !== this.ws.OPEN) await new Promise((resolve) => this.ws.once('open', resolve));
    return this;
  }

  say(message: unknown): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  next(): Promise<EdgeMessage | Uint8Array> {
    const heard = this.#heard.shift();
    return heard !== undefined
      ? Promise.resolve(heard)
      : new Promise((resolve) => this.#waiting.push(resolve));
  }

  async nextOf<Type extends EdgeMessage['type']>(type: Type): Promise<Extract<EdgeMessage, { type: Type }>> {
    const message = await this.next();
    const isWanted = (each: EdgeMessage): each is Extract<EdgeMessage, { type: Type }> => each.type === type;
    if (message instanceof Uint8Array || !isWanted(message)) {
      throw new Error(`expected ${type}, got ${JSON.stringify(message)}`);
    }
    return message;
  }

  /** Everything said before has been acted upon. */
  async settled(): Promise<void> {
    const pong = new Promise((resolve) => this.ws.once('pong', resolve));
    this.ws.ping();
    await pong;
  }

  /** Joins and gives the name that the edge chose. */
  async join(changes: Record<string, unknown> = {}): Promise<string> {
    await this.opened();
    this.say({ ...JOIN, ...changes });
    return (await this.nextOf('welcome')).peer;
  }
}

export const JOIN: Readonly<Record<string, unknown>> = {
  type: 'join',
  version: PROTOCOL_VERSION,
  presentation: '/v/main.m3u8',
  viewer: 'device',
  session: 'playback',
  upload: true,
};

/** How often something was refused for this reason. */
export const refusals = async ({ registry }: Place, reason: string): Promise<number> => {
  const text = await registry.metrics();
  return Number(new RegExp(`eddy_swarm_refusals_total\\{reason="${reason}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
};
