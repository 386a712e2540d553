import {
  type EddySession,
  type FetchBlock,
  type Random,
  type ScheduleOptions,
  startSession,
} from '@eddy/player-sdk/internal';
import { encodeDigestBlock, MAX_BLOCK_SEGMENTS } from '@eddy/protocol';
import type { Asker, EdgeLedger } from './accounts/ledger.js';
import { EdgeConnection, MediaRequest } from './edge/media-request.js';
import { RoomSocket } from './edge/room-socket.js';
import type { SimulatedEdge } from './edge/simulated-edge.js';
import { standInHash } from './edge/stand-in-hash.js';
import type { Stream } from './edge/stream.js';
import { zeros } from './edge/zeros.js';
import type { VirtualTime } from './engine/virtual-time.js';
import type { Device } from './links/device.js';
import { frameCodec } from './links/frame-message.js';
import type { PeerNetwork } from './links/peer-network.js';
import { type AskEdge, edgeMediaLoader } from './player/edge-media-loader.js';
import { SimulatedPlayer } from './player/simulated-player.js';

export interface ViewerComponents {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly stream: Stream;
  readonly edge: SimulatedEdge;
  readonly network: PeerNetwork;
  readonly ledger: EdgeLedger;
  /** Milliseconds since the stream's time 0. */
  readonly streamTime: () => number;
  readonly schedule: ScheduleOptions;
}

/** What one viewer has seen, once it is over. */
export interface ViewerFigures {
  readonly startUpMs: number | undefined;
  readonly playedMs: number;
  readonly stalledMs: number;
  readonly stalls: number;
  readonly latencySeconds: number | undefined;
  /** Given to the player, as the SDK counts. */
  readonly edgeBytes: number;
  readonly peerBytes: number;
  readonly deliveredBytes: number;
  /** Come in over the link. */
  readonly receivedBytes: number;
  readonly uploadedBytes: number;
  readonly connections: number;
  /** Whom it asks for nothing any more. */
  readonly blamedPeers: number;
}

/** How often latency and connections are looked at. */
const LOOK_MS = 1_000;

/** One who watches: a player, a real session, a device. */
export class Viewer implements Asker {
  readonly device: Device;
  readonly #components: ViewerComponents;
  readonly #upload: boolean;
  readonly #player: SimulatedPlayer;
  readonly #socket: RoomSocket;
  readonly #connection = new EdgeConnection();
  readonly #digests = new Set<number>();
  readonly #session: EddySession;
  readonly #beganAt: number;
  readonly #looks = { count: 0, latency: 0, latencies: 0, connections: 0 };
  #startUpMs: number | undefined;
  #receivedEdgeBytes = 0;
  #deliveredBytes = 0;
  #figures: ViewerFigures | undefined;
  #cancelLook: () => void = () => {};

  /** Begins to watch at once. */
  constructor(components: ViewerComponents, device: Device, upload: boolean) {
    this.#components = components;
    this.device = device;
    this.#upload = upload;
    const { time, edge, stream, streamTime, network, random, schedule } = components;
    const { clock, timers } = time;
    this.#beganAt = clock.now();
    this.#socket = new RoomSocket(
      { clock, timers, meeting: edge.meeting, onDigests: (paths) => this.#learn(paths) },
      device.edgeMs,
    );
    this.#player = new SimulatedPlayer(
      {
        clock,
        timers,
        stream,
        streamTime,
        loader: edgeMediaLoader(clock.now, (...asked) => this.#ask(...asked)),
      },
      {
        edgeMs: device.edgeMs,
        onFirstFrame: () => {
          this.#startUpMs = clock.now() - this.#beganAt;
        },
      },
    );
    this.#session = startSession(
      this.#player.asHls,
      {
        clock,
        timers,
        random,
        transport: network.transport(device),
        sha256: standInHash,
        post: () => Promise.resolve(false),
        openSocket: this.#socket.open,
        fetch: this.#fetchBlock,
        codec: frameCodec,
        allocate: zeros,
        schedule,
        page: new EventTarget(),
      },
      { viewer: `viewer ${device.index}`, beacons: false, upload: upload ? 'on' : 'off' },
    );
    this.#session.on('segment', ({ sequence, bytes }) => {
      this.#deliveredBytes += bytes;
      if (upload) components.ledger.has(device.index, sequence);
    });
    this.#player.load();
    this.#look();
  }

  get index(): number {
    return this.device.index;
  }

  get started(): boolean {
    return this.#player.simulatedMedia.started;
  }

  get stalled(): boolean {
    return this.#player.simulatedMedia.stalledMs > 0 && this.#player.mainForwardBufferInfo.len === 0;
  }

  get neighbours(): readonly { readonly index: number }[] {
    return this.device.neighbours;
  }

  get gone(): boolean {
    return this.#figures !== undefined;
  }

  knowsDigest(sequence: number): boolean {
    return this.#digests.has(sequence);
  }

  /** The tab is closed; with `farewell` the others are told. */
  leave(farewell: boolean): void {
    if (this.#figures !== undefined) return;
    this.#figures = this.#count();
    this.#cancelLook();
    if (!farewell) {
      this.device.vanish();
      this.#socket.vanish();
    }
    this.#player.stop();
    this.#components.ledger.leaves(this.index);
  }

  get figures(): ViewerFigures {
    return this.#figures ?? this.#count();
  }

  #count(): ViewerFigures {
    const { playedMs, stalledMs, stalls } = this.#player.simulatedMedia;
    const { edgeBytes, peerBytes, uploadedBytes, blamedPeers } = this.#session.stats();
    const { count, latency, latencies, connections } = this.#looks;
    return {
      startUpMs: this.#startUpMs,
      playedMs,
      stalledMs,
      stalls,
      latencySeconds: latencies === 0 ? undefined : latency / latencies,
      edgeBytes,
      peerBytes,
      deliveredBytes: this.#deliveredBytes,
      receivedBytes: this.#receivedEdgeBytes + this.device.receivedPeerBytes,
      uploadedBytes,
      connections: connections / Math.max(1, count),
      blamedPeers,
    };
  }

  #look(): void {
    const { latency } = this.#player;
    this.#cancelLook = this.#components.time.timers.after(LOOK_MS, () => this.#look());
    if (!this.started) return;
    this.#looks.count++;
    this.#looks.connections += this.device.neighbours.length;
    if (latency === undefined) return;
    this.#looks.latencies++;
    this.#looks.latency += latency;
  }

  #learn(paths: readonly string[]): void {
    for (const path of paths) {
      const segment = this.#components.stream.byPath(path);
      if (segment !== undefined) this.#digests.add(segment.sequence);
    }
  }

  readonly #ask: AskEdge = ({ frag }, range, events) => {
    const { stream, ledger, time, edge } = this.#components;
    const sequence = Number(frag.sn);
    const segment = stream.segments[sequence];
    if (segment === undefined) throw new RangeError(`there is no segment ${sequence}`);
    const reason = ledger.reasonOf(this, sequence);
    if (this.#upload) ledger.fetches(this.index, sequence);
    const bytes = range === undefined ? segment.bytes : range.end - range.start;
    const request = new MediaRequest(
      { clock: time.clock, timers: time.timers, edge, device: this.device, connection: this.#connection },
      segment,
      bytes,
      {
        onSent: (sent) => {
          ledger.bytes[reason] += sent;
          if (range !== undefined) ledger.rangeBytes += sent;
        },
        onBytes: (more) => {
          this.#receivedEdgeBytes += more;
          events.onBytes(more);
        },
        onDone: events.onDone,
      },
    );
    return { request, bytes, end: () => ledger.endsFetch(this.index, sequence) };
  };

  /** Published digest blocks: of a finished presentation there are some. */
  readonly #fetchBlock: FetchBlock = (url) => {
    const { stream, time } = this.#components;
    const index = Number(/(\d+)\.bin$/.exec(new URL(url).pathname)?.[1]);
    const digests = stream.options.live
      ? []
      : stream.segments
          .slice(index * MAX_BLOCK_SEGMENTS, (index + 1) * MAX_BLOCK_SEGMENTS)
          .map(({ digest }) => digest);
    const found = digests.length > 0;
    const block = encodeDigestBlock(digests);
    return new Promise((resolve) => {
      time.timers.after(2 * this.device.edgeMs, () => {
        this.#learn(digests.map(({ path }) => path));
        resolve({
          ok: found,
          status: found ? 200 : 404,
          arrayBuffer: () => Promise.resolve(block.slice().buffer),
        });
      });
    });
  };
}
