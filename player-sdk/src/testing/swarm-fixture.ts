import {
  chunkRange,
  decodeFrame,
  encodeFrame,
  type PeerFrame,
  PROTOCOL_VERSION,
  type Refusal,
} from '@eddy/protocol';
import { Mesh, type MeshOptions } from '../mesh/mesh.js';
import type { LinkEnd } from '../mesh/peer-link.js';
import type { AnswerEvents, ChunkRequest, HeldSegment } from '../swarm/swarm.js';
import {
  type MemoryLinkOptions,
  MemoryNetwork,
  type MemoryTransport,
} from '../transport/memory-transport.js';
import type { PeerConnection } from '../transport/transport.js';
import { FakeEdge, type FakeRoom } from './fake-room.js';
import { type FakeTime, fakeTime } from './fake-time.js';

export interface TestPlayer {
  readonly name: string;
  readonly mesh: Mesh;
  readonly room: FakeRoom;
  readonly transport: MemoryTransport;
  readonly ends: { readonly peer: string; readonly end: LinkEnd }[];
}

/** Players on one network in memory, in one room, in fake time. */
export class SwarmFixture {
  readonly time: FakeTime = fakeTime();
  readonly network: MemoryNetwork = new MemoryNetwork(this.time);
  readonly edge: FakeEdge = new FakeEdge();

  player(name: string, options: MeshOptions = {}, link: MemoryLinkOptions = {}): TestPlayer {
    const room = this.edge.join(name);
    const transport = this.network.transport({ latencyMs: 10, ...link });
    const ends: TestPlayer['ends'] = [];
    const { clock, timers } = this.time;
    const mesh = new Mesh(
      { clock, timers, transport, room },
      { ...options, onPeerEnd: (peer, end) => ends.push({ peer, end }) },
    );
    return { name, mesh, room, transport, ends };
  }

  /** Introduces them and waits for the channel. The first offers. */
  async connect(one: TestPlayer, other: TestPlayer): Promise<void> {
    this.edge.introduce(one.name, other.name);
    const knows = (a: TestPlayer, b: TestPlayer): boolean => a.mesh.peers().some(({ id }) => id === b.name);
    await this.time.advanceUntil(() => knows(one, other) && knows(other, one));
  }

  /** A peer that is no `Mesh`: it says exactly what the test makes it say. */
  rogue(name: string, link: MemoryLinkOptions = {}): Rogue {
    return new Rogue(this, name, link);
  }
}

/** How an answer is not what it should be. */
export interface Tampering {
  readonly leaves?: readonly Uint8Array[];
  readonly chunk?: (index: number, right: Uint8Array) => Uint8Array;
}

export class Rogue {
  readonly name: string;
  readonly heard: PeerFrame[] = [];
  /** Called for each frame, after it was remembered. */
  onFrame: (frame: PeerFrame) => void = () => {};
  closed: boolean = false;
  readonly #fixture: SwarmFixture;
  readonly #room: FakeRoom;
  readonly #transport: MemoryTransport;
  #connection: PeerConnection | undefined;

  constructor(fixture: SwarmFixture, name: string, link: MemoryLinkOptions) {
    this.#fixture = fixture;
    this.name = name;
    this.#room = fixture.edge.join(name);
    this.#transport = fixture.network.transport({ latencyMs: 10, ...link });
  }

  /** Opens a channel to the player, and stays silent. */
  async open(player: TestPlayer): Promise<void> {
    let open = false;
    this.#connection = this.#transport.connect(
      { offer: false, iceServers: [] },
      {
        onSignal: (payload) => this.#room.send({ type: 'signal', to: player.name, payload }),
        onOpen: () => {
          open = true;
        },
        onMessage: (message) => {
          const frame = decodeFrame(message);
          this.heard.push(frame);
          this.onFrame(frame);
        },
        onDrain: () => {},
        onClose: () => {
          this.closed = true;
        },
      },
    );
    this.#room.subscribe({ onSignal: ({ payload }) => this.#connection?.signal(payload) });
    this.#fixture.edge.introduce(player.name, this.name);
    await this.#fixture.time.advanceUntil(() => open);
  }

  /** Opens a channel and says a proper hello. */
  async greet(player: TestPlayer): Promise<void> {
    await this.open(player);
    this.say({ type: 'hello', version: PROTOCOL_VERSION, upload: true });
    await this.#fixture.time.advanceUntil(() => player.mesh.peers().some(({ id }) => id === this.name));
  }

  say(...frames: PeerFrame[]): void {
    for (const frame of frames) this.raw(encodeFrame(frame));
  }

  raw(message: Uint8Array<ArrayBuffer>): void {
    this.#connection?.send(message);
  }

  /** Says that it holds these, whether or not it does. */
  announce(...segments: readonly HeldSegment[]): void {
    for (const { name } of segments) {
      this.say({ type: 'have', rendition: name.rendition, runs: [{ first: name.sequence, count: 1 }] });
    }
  }

  /** From now on answers each request for a segment, changed as the test says. */
  serve(segment: HeldSegment, changes: Tampering = {}): void {
    const { chunk = (_, right) => right, leaves = segment.leaves } = changes;
    this.onFrame = (frame) => {
      if (frame.type !== 'request') return;
      const { id, first, count } = frame;
      if (frame.leaves) this.say({ type: 'leaves', id, leaves });
      for (let index = first; index < first + count; index++) {
        const { start, end } = chunkRange(index, segment.bytes.length);
        this.say({ type: 'chunk', id, index, payload: chunk(index, segment.bytes.slice(start, end)) });
      }
    };
  }
}

/** Everything that an answer brought. */
export class Answer implements AnswerEvents {
  readonly leaves: Uint8Array[] = [];
  readonly chunks: Map<number, Uint8Array> = new Map();
  readonly ends: ('done' | `refused: ${Refusal}` | `failed: ${string}`)[] = [];

  onLeaves(leaves: readonly Uint8Array[]): void {
    this.leaves.push(...leaves);
  }
  onChunk(index: number, payload: Uint8Array): void {
    this.chunks.set(index, payload);
  }
  onDone(): void {
    this.ends.push('done');
  }
  onRefused(reason: Refusal): void {
    this.ends.push(`refused: ${reason}`);
  }
  onFailed(reason: string): void {
    this.ends.push(`failed: ${reason}`);
  }

  get bytes(): number {
    return [...this.chunks.values()].reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Chunks in order, as one. */
  joined(): Uint8Array {
    const joined = new Uint8Array(this.bytes);
    let at = 0;
    for (const [, chunk] of [...this.chunks].sort(([a], [b]) => a - b)) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    return joined;
  }
}

/** All of a segment, or the chunks named. */
export function requestFor(
  segment: HeldSegment,
  {
    first = 0,
    count = segment.leaves.length,
    leaves = true,
  }: { first?: number; count?: number; leaves?: boolean } = {},
): ChunkRequest {
  return { digest: segment.digest, first, count, leaves };
}
