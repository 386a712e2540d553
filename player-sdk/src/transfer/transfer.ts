import { chunkRange, type SegmentDigest } from '@eddy/protocol';
import { verifyChunk, verifyLeaves } from '../digests/verify.js';
import { decide } from '../schedule/decide.js';
import { chance, claimRank } from '../schedule/rank.js';
import type { Action, Snapshot } from '../schedule/snapshot.js';
import type { SharedParts } from '../swarm/swarm.js';
import { ChunkTable, edgeBytesMatch, range } from './chunk-table.js';
import type { TransferComponents, TransferOptions } from './components.js';
import type { EdgeFailure } from './edge-source.js';
import { LiveFlight } from './flight.js';
import { PeerRecord } from './peer-record.js';
import type { Acquired, AcquireEvents, Progress, Proof } from './segment.js';

/** `checking`: all is here, the last hashes are computed. */
type TransferState = 'collecting' | 'checking' | 'ended';

/** Gets one segment: carries out what `decide` says, and keeps of peers' bytes only what has been verified. */
export class Transfer {
  readonly #components: TransferComponents;
  readonly #options: TransferOptions;
  readonly #events: AcquireEvents;
  readonly #startedAt: number;
  readonly #flights = new Map<number, LiveFlight>();
  readonly #record = new PeerRecord();
  readonly #unsubscribe: (() => void)[] = [];
  #state: TransferState = 'collecting';
  #digest: SegmentDigest | undefined;
  #knownAt = 0;
  #table: ChunkTable | undefined;
  #leaves: readonly Uint8Array[] | undefined;
  /** The edge serves other bytes than the digest says: nothing of peers is of use. */
  #distrusted = false;
  #failure: EdgeFailure | undefined;
  /** What is verified of it is given to others already. */
  #shared: SharedParts | undefined;
  #firstPeerByteAt: number | undefined;
  #nextFlight = 1;
  #looking = false;
  #lookAgain = false;
  #cancelTimer: () => void = () => {};

  constructor(components: TransferComponents, options: TransferOptions, events: AcquireEvents) {
    this.#components = components;
    this.#options = options;
    this.#events = events;
    this.#startedAt = components.clock.now();
  }

  /** Begins; it may be over when this returns. */
  start(): void {
    const { swarm, digests } = this.#components;
    this.#unsubscribe.push(
      swarm.onChange(() => this.#look()),
      digests.onArrival(() => this.#look()),
    );
    digests.want(this.#options.segment.location);
    this.#look();
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  get progress(): Progress {
    let loadedBytes = this.#table?.arrivedBytes ?? 0;
    let edge: Progress['edge'];
    for (const flight of this.#flights.values()) {
      loadedBytes += flight.loadedBytes;
      edge ??= flight.timing?.();
    }
    const totalBytes = this.#digest?.bytes ?? 0;
    return {
      loadedBytes: totalBytes === 0 ? loadedBytes : Math.min(loadedBytes, totalBytes),
      totalBytes,
      edge,
    };
  }

  /** Nobody wants it any more. What has come is lost. */
  cancel(): void {
    if (this.#state === 'ended') return;
    this.#components.ledger.wasted(this.#table?.arrivedBytes ?? 0);
    this.#end();
  }

  #look(): void {
    if (this.#state !== 'collecting') return;
    this.#lookAgain = true;
    // Asking may call back at once.
    if (this.#looking) return;
    this.#looking = true;
    while (this.#lookAgain && this.#state === 'collecting') {
      this.#lookAgain = false;
      this.#learnDigest();
      const actions = decide(this.#snapshot(), this.#components.clock.now(), this.#options.schedule);
      for (const action of actions) this.#carryOut(action);
    }
    this.#looking = false;
  }

  #learnDigest(): void {
    if (this.#digest !== undefined || this.#distrusted) return;
    const digest = this.#components.digests.find(this.#options.segment.location);
    if (digest === undefined) return;
    this.#digest = digest;
    this.#knownAt = this.#components.clock.now();
    this.#table = new ChunkTable(digest, this.#components.allocate);
    for (const flight of this.#flights.values())
      for (const chunk of this.#table.missing) flight.chunks.add(chunk);
  }

  #snapshot(): Snapshot {
    const { clock, swarm, link, expectingUntil, uploads } = this.#components;
    const { segment, expectedBytes, durationMs, need } = this.#options;
    const now = clock.now();
    const peers = this.#distrusted ? [] : swarm.peers();
    const others = peers.filter((peer) => peer.uploads).map(({ id }) => id);
    const givesOn = uploads() && !swarm.isolated;
    return {
      bytes: this.#digest?.bytes ?? expectedBytes,
      durationMs,
      known: this.#digest !== undefined,
      knownAt: this.#knownAt,
      live: segment.location.live,
      missing: this.#table?.missing ?? [],
      flights: [...this.#flights.values()].map((flight) => flight.view(now)),
      startedAt: this.#startedAt,
      ...need(),
      peers: peers.map((peer) => this.#record.view(peer, segment.name, this.#digest)),
      expectingUntil: this.#distrusted ? 0 : expectingUntil(),
      chance: chance(swarm.self, segment.name),
      rank: claimRank({ self: swarm.self, uploads: givesOn, others, segment: segment.name }),
      edge: { ...link.toEdge, failed: this.#failure !== undefined },
    };
  }

  #carryOut(action: Action): void {
    if (this.#state !== 'collecting') return;
    switch (action.type) {
      case 'ask-peer':
        this.#askPeer(action.peer, action.first, action.count);
        break;
      case 'ask-edge':
        this.#askEdge(action.first, action.count);
        break;
      case 'ask-edge-whole':
        this.#askEdgeForAll();
        break;
      case 'cancel':
        this.#giveUpOn(action.flight);
        break;
      case 'wait':
        this.#cancelTimer();
        this.#cancelTimer = this.#components.timers.after(action.until - this.#components.clock.now(), () =>
          this.#look(),
        );
        break;
      case 'give-up':
        this.#fail(this.#failure ?? { kind: 'error', code: 0, text: 'nobody could be asked' });
        break;
    }
  }

  #askPeer(peer: string, first: number, count: number): void {
    const digest = this.#digest;
    if (digest === undefined) return;
    const flight = this.#takeOff(peer, range(first, count));
    const leaves = this.#leaves === undefined;
    flight.cancel = this.#components.swarm.ask(
      peer,
      { digest, first, count, leaves },
      {
        onLeaves: (received) => {
          flight.leavesChecked = this.#checkLeaves(flight, received);
        },
        onChunk: (index, payload) => void this.#onChunk(flight, index, payload),
        onDone: () => this.#answered(flight),
        onRefused: (reason) => {
          this.#record.refused(peer, reason, this.#components.clock.now());
          this.#answered(flight);
        },
        onFailed: () => {
          this.#record.never(peer);
          this.#answered(flight);
        },
      },
    );
  }

  async #checkLeaves(flight: LiveFlight, leaves: readonly Uint8Array[]): Promise<void> {
    const digest = this.#digest;
    if (this.#leaves !== undefined || digest === undefined) return;
    const right = await verifyLeaves(leaves, digest, this.#components.sha256);
    if (digest !== this.#digest) return;
    if (right) this.#learnLeaves(digest, leaves);
    else this.#blame(flight, 'leaves that do not add up to the root');
  }

  #learnLeaves(digest: SegmentDigest, leaves: readonly Uint8Array[]): void {
    this.#leaves = leaves;
    const verified = this.#table?.verified;
    if (verified === undefined) return;
    this.#shared = this.#components.swarm.share({
      name: this.#options.segment.name,
      digest,
      leaves,
      ...verified,
    });
  }

  async #onChunk(flight: LiveFlight, index: number, payload: Uint8Array): Promise<void> {
    const { clock, ledger, sha256 } = this.#components;
    const table = this.#table;
    if (!this.#flights.has(flight.id) || table === undefined) {
      ledger.wasted(payload.length);
      return;
    }
    flight.progressAt = clock.now();
    this.#firstPeerByteAt ??= flight.askedAt;
    flight.checking.add(index);
    await flight.leavesChecked;
    const right = this.#leaves !== undefined && (await verifyChunk(index, payload, this.#leaves, sha256));
    flight.checking.delete(index);
    const wanted = this.#state === 'collecting' && this.#flights.has(flight.id) && table === this.#table;
    if (!right) ledger.hashFailed(payload.length);
    else if (!wanted || !table.put(index, payload, flight.peer)) ledger.wasted(payload.length);
    if (!wanted) return;
    if (right) this.#shared?.add(index);
    if (right) this.#onArrived([index]);
    else this.#blame(flight, `chunk ${index} is not what the digest says`);
  }

  #askEdge(first: number, count: number): void {
    const digest = this.#digest;
    if (digest === undefined) return;
    const { start } = chunkRange(first, digest.bytes);
    const { end } = chunkRange(first + count - 1, digest.bytes);
    const flight = this.#takeOff(undefined, range(first, count), { start, end });
    this.#startEdge(flight, (bytes) => {
      if (bytes.length !== end - start) {
        this.#flights.delete(flight.id);
        // Some servers ignore ranges; others have another resource by now.
        if (bytes.length === digest.bytes) this.#deliverWhole(bytes, flight);
        else this.#distrust(bytes.length);
        return;
      }
      this.#components.ledger.wasted(bytes.length - (this.#table?.putRun(first, count, bytes) ?? 0));
      this.#flights.delete(flight.id);
      this.#onArrived(range(first, count));
    });
  }

  #askEdgeForAll(): void {
    const flight = this.#takeOff(undefined, this.#table?.missing ?? []);
    this.#components.swarm.claim(this.#options.segment.name);
    this.#startEdge(flight, (bytes) => this.#deliverWhole(bytes, flight));
  }

  #startEdge(flight: LiveFlight, onBytes: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    const { link } = this.#components;
    const request = this.#options.edge.ask(flight.range, {
      onDone: (bytes) => {
        if (!this.#flights.has(flight.id)) return;
        link.edge(request.timing);
        onBytes(bytes);
      },
      onFailed: (failure) => {
        if (!this.#flights.delete(flight.id)) return;
        const outOfRange = failure.kind === 'error' && failure.code === 416 && flight.range !== undefined;
        if (outOfRange) this.#distrust(0);
        else this.#failure = failure;
        this.#look();
      },
    });
    flight.timing = () => request.timing;
    flight.cancel = () => request.cancel();
  }

  #takeOff(
    peer: string | undefined,
    chunks: Iterable<number>,
    bytes?: { start: number; end: number },
  ): LiveFlight {
    const flight = new LiveFlight({
      id: this.#nextFlight++,
      peer,
      chunks,
      at: this.#components.clock.now(),
      ...(bytes === undefined ? {} : { range: bytes }),
    });
    this.#flights.set(flight.id, flight);
    return flight;
  }

  /** Nothing more comes of it; what is being checked still counts. */
  #answered(flight: LiveFlight): void {
    for (const chunk of flight.chunks) if (!flight.checking.has(chunk)) flight.chunks.delete(chunk);
    if (flight.chunks.size === 0) this.#flights.delete(flight.id);
    this.#look();
  }

  #giveUpOn(id: number): void {
    const flight = this.#flights.get(id);
    if (flight === undefined) return;
    if (flight.peer !== undefined) this.#record.never(flight.peer);
    this.#drop(flight);
  }

  #drop(flight: LiveFlight): void {
    if (!this.#flights.delete(flight.id)) return;
    this.#components.ledger.wasted(flight.loadedBytes);
    flight.cancel();
  }

  #blame({ peer }: LiveFlight, reason: string): void {
    if (peer === undefined) return;
    this.#record.never(peer);
    for (const flight of [...this.#flights.values()]) if (flight.peer === peer) this.#drop(flight);
    if (this.#components.swarm.blame(peer, reason)) this.#components.onBlame?.(peer, reason);
    this.#look();
  }

  #onArrived(indices: readonly number[]): void {
    for (const flight of [...this.#flights.values()]) {
      for (const index of indices) flight.chunks.delete(index);
      if (flight.chunks.size === 0) this.#drop(flight);
    }
    if (this.#table?.complete !== true) this.#look();
    else void this.#finish(this.#table);
  }

  async #finish(table: ChunkTable): Promise<void> {
    if (this.#state !== 'collecting') return;
    this.#state = 'checking';
    const { edgeBytes, peerBytes } = table.provenance();
    const [digest, leaves] = [this.#digest, this.#leaves];
    const proof = digest === undefined || leaves === undefined ? undefined : { digest, leaves };
    const delivery = { bytes: table.bytes, edgeBytes, peerBytes, timing: undefined };
    if (peerBytes.size === 0 || proof === undefined) {
      this.#deliver(delivery, undefined);
      return;
    }
    const right = await edgeBytesMatch(table, proof.leaves, this.#components.sha256);
    if (this.ended) return;
    if (right) {
      this.#deliver(delivery, proof);
      return;
    }
    this.#state = 'collecting';
    this.#distrust(0);
  }

  #deliverWhole(bytes: Uint8Array<ArrayBuffer>, flight: LiveFlight): void {
    this.#components.ledger.wasted(this.#table?.arrivedBytes ?? 0);
    const timing = flight.timing?.();
    this.#flights.delete(flight.id);
    this.#deliver({ bytes, edgeBytes: bytes.length, peerBytes: new Map(), timing }, undefined);
  }

  #deliver(segment: Omit<Acquired, 'memoryBytes'>, proof: Proof | undefined): void {
    const { clock, ledger, link, sharing } = this.#components;
    // Held whole it is announced anew, without a word of loss in between.
    if (proof !== undefined) sharing.offer(this.#options.segment, segment.bytes, proof);
    this.#end();
    let fromPeers = 0;
    for (const bytes of segment.peerBytes.values()) fromPeers += bytes;
    ledger.edge(segment.edgeBytes);
    ledger.peers(fromPeers);
    if (this.#firstPeerByteAt !== undefined) link.peers(fromPeers, clock.now() - this.#firstPeerByteAt);
    this.#events.onDone({ ...segment, memoryBytes: 0 });
    if (proof === undefined) sharing.offer(this.#options.segment, segment.bytes);
  }

  /** What came so far is of another version of the segment than what the edge has now. */
  #distrust(wastedBytes: number): void {
    this.#components.ledger.wasted(wastedBytes + (this.#table?.arrivedBytes ?? 0));
    for (const flight of [...this.#flights.values()]) this.#drop(flight);
    this.#components.digests.forget(this.#options.segment.location);
    this.#distrusted = true;
    this.#digest = undefined;
    this.#table = undefined;
    this.#leaves = undefined;
    this.#shared?.end();
    this.#shared = undefined;
    this.#look();
  }

  #fail(failure: EdgeFailure): void {
    this.#components.ledger.wasted(this.#table?.arrivedBytes ?? 0);
    this.#end();
    this.#events.onFailed(failure);
  }

  #end(): void {
    this.#state = 'ended';
    this.#cancelTimer();
    this.#shared?.end();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const flight of [...this.#flights.values()]) this.#drop(flight);
  }
}
