import type {
  Farewell,
  PeerFailed,
  PeerFrame,
  PeerIntroduction,
  PeersChanged,
  Purged,
  SwarmConfig,
  SwarmMode,
  Welcome,
} from '@eddy/protocol';
import type { Clock, Timers, Unsubscribe } from '../components.js';
import { isPurged } from '../signaling/purged.js';
import type { Room } from '../signaling/room.js';
import { SegmentStore } from '../store/segment-store.js';
import type {
  AnswerEvents,
  CancelRequest,
  ChunkRequest,
  HeldSegment,
  PartialSegment,
  SegmentName,
  SharedParts,
  Swarm,
  SwarmPeer,
} from '../swarm/swarm.js';
import type { PeerTransport } from '../transport/transport.js';
import { Departures } from './departures.js';
import type { DownloadsOptions } from './downloads.js';
import type { FrameCodec } from './frame-codec.js';
import { announcementFrames, News } from './news.js';
import { Partials } from './partials.js';
import { type LinkComponents, type LinkEnd, PeerLink } from './peer-link.js';
import { reportDelayMs } from './report-delay.js';
import { Uploads, type UploadsOptions } from './uploads.js';

export interface MeshComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly transport: PeerTransport;
  readonly room: Room;
  /** Default: the wire's own. */
  readonly codec?: FrameCodec;
}

export interface MeshOptions {
  /** Whether this player answers requests where the site allows it. Default true. */
  readonly upload?: boolean;
  /** Verified segments kept for others. Default 64 MiB. */
  readonly memoryBytes?: number;
  readonly downloads?: DownloadsOptions;
  readonly uploads?: UploadsOptions;
  /** Told of each peer that went, for a log; `wasReady`: its channel was open. */
  readonly onPeerEnd?: (peer: string, end: LinkEnd, wasReady: boolean) => void;
}

/** Names of peers not to meet again. The edge gives no name twice. */
const MAX_SHUNNED = 1_024;

/** The swarm over connections: meets whom the edge names, and keeps, answers and announces verified segments. */
export class Mesh implements Swarm {
  readonly #components: MeshComponents;
  readonly #options: MeshOptions;
  readonly #linkComponents: LinkComponents;
  readonly #store: SegmentStore;
  readonly #uploads: Uploads;
  readonly #news: News;
  readonly #partials = new Partials();
  readonly #links = new Map<string, PeerLink>();
  readonly #departed = new Departures<PeerLink>();
  /** It lied, broke the rules, says so of this player, or speaks another version. */
  readonly #shunned = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: Unsubscribe;
  #config: SwarmConfig = { mode: 'off', maxPeers: 0, uploadBytesPerSecond: 0 };
  #self: string | undefined;
  #unreachableInARow = 0;
  #changed = false;
  #closed = false;

  constructor(components: MeshComponents, options: MeshOptions = {}) {
    this.#components = components;
    this.#options = options;
    const { room } = components;
    this.#news = new News((frames) => this.#announce(frames));
    this.#store = new SegmentStore({
      ...options,
      copiesOf: (name) => this.#trusted().filter((link) => link.has(name)).length,
      onEvict: ({ name }) => this.#news.tell(name, false),
    });
    this.#uploads = new Uploads(
      { ...components, find: (root) => this.#store.byRoot(root) ?? this.#partials.byRoot(root) },
      options.uploads,
    );
    this.#linkComponents = { ...components, uploads: this.#uploads };
    this.#unsubscribe = room.subscribe({
      onWelcome: (welcome) => this.#onWelcome(welcome),
      onPeers: (change) => this.#onPeers(change),
      onSignal: ({ from, payload }) => this.#links.get(from)?.signal(payload),
      onConfig: (config) => this.#configure(config),
      onPurged: (purged) => this.#purge(purged),
    });
    if (room.welcome !== undefined) this.#onWelcome(room.welcome);
  }

  get self(): string | undefined {
    return this.#self;
  }

  get mode(): SwarmMode {
    return this.#config.mode;
  }

  /** Media bytes sent to other viewers. */
  get uploadedBytes(): number {
    return this.#uploads.uploadedBytes;
  }

  /** Bytes of segments held for others. */
  get heldBytes(): number {
    return this.#store.bytes;
  }

  get isolated(): boolean {
    return this.#departed.areAll(this.#ready());
  }

  peers(): readonly SwarmPeer[] {
    return this.#trusted();
  }

  ask(peer: string, request: ChunkRequest, answer: AnswerEvents): CancelRequest {
    const link = this.#links.get(peer);
    if (link?.ready) return link.ask(request, answer);
    let cancelled = false;
    queueMicrotask(() => {
      if (!cancelled) answer.onFailed(`there is no channel to ${peer}`);
    });
    return () => {
      cancelled = true;
    };
  }

  claim({ rendition, sequence }: SegmentName): void {
    // Whoever answers no requests must not make others wait for what it fetches.
    if (!this.#uploads.enabled) return;
    for (const link of this.#ready()) link.send({ type: 'claim', rendition, sequence });
  }

  hold(segment: HeldSegment): void {
    if (this.#closed) return;
    this.#partials.forget(segment.name);
    if (this.#store.add(segment)) this.#news.tell(segment.name, true);
  }

  share(partial: PartialSegment): SharedParts {
    const { name } = partial;
    this.#partials.add(partial);
    return {
      add: (chunk) => this.#partials.includes(partial) && this.#news.tellPart(name, chunk),
      end: () => {
        if (this.#partials.remove(partial)) this.#news.tell(name, false);
      },
    };
  }

  held(root: Uint8Array): HeldSegment | undefined {
    return this.#store.byRoot(root);
  }

  blame(peer: string, reason: string): boolean {
    if (this.#shunned.has(peer)) return false;
    this.#shun(peer);
    const link = this.#links.get(peer);
    if (link !== undefined) this.#castOut(link, { kind: 'closed', reason });
    this.#report(peer, 'misbehaved');
    return true;
  }

  onChange(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Says goodbye to everyone and lets go of all segments. For good. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unsubscribe();
    this.#closeAll('leaving');
    this.#uploads.allow({ enabled: false, bytesPerSecond: 0 });
    this.#store.clear();
    this.#partials.clear();
  }

  #onWelcome({ peer, config }: Welcome): void {
    if (this.#self !== undefined && this.#self !== peer) {
      // The others know this player by its old name: what is open serves on, what was being opened cannot.
      for (const link of [...this.#links.values()]) {
        if (link.ready) this.#departed.add(link, 'renamed');
        else link.close('leaving');
      }
    }
    this.#self = peer;
    this.#unreachableInARow = 0;
    this.#configure(config);
  }

  #purge(purged: Pick<Purged, 'paths' | 'prefixes'>): void {
    const matches = ({ digest }: HeldSegment): boolean => isPurged(purged, digest.path);
    for (const segment of [...this.#store.drop(matches), ...this.#partials.drop(matches)]) {
      this.#uploads.drop(segment);
      this.#news.tell(segment.name, false);
    }
  }

  #onPeers({ meet, gone, expelled = [] }: PeersChanged): void {
    for (const peer of expelled) this.#links.get(peer)?.close('leaving');
    for (const peer of gone) {
      const link = this.#links.get(peer);
      if (link?.ready) this.#departed.add(link, 'parted');
      else link?.close('leaving');
    }
    for (const introduction of meet) this.#meet(introduction);
  }

  #meet({ peer, offer }: PeerIntroduction): void {
    const { room, transport } = this.#components;
    if (this.#config.mode === 'off' || !transport.supported) return;
    if (peer === this.#self || this.#shunned.has(peer)) return;
    // Introduced again: the other side has no channel to this one any more, whatever it looks like from here.
    this.#links.get(peer)?.close('switching');
    if (this.#links.size >= this.#config.maxPeers) this.#departed.spare?.close('switching');
    if (this.#links.size >= this.#config.maxPeers) return;
    const { downloads } = this.#options;
    const link: PeerLink = new PeerLink(
      this.#linkComponents,
      {
        peer,
        offer,
        iceServers: room.welcome?.iceServers ?? [],
        ...(downloads === undefined ? {} : { downloads }),
      },
      {
        onSignal: (payload) => room.send({ type: 'signal', to: peer, payload }),
        onReady: () => this.#onReady(link),
        onChange: () => this.#change(),
        onUseless: (reason) => this.#onUseless(link, reason),
        onEnd: (end, wasReady) => this.#onEnd(link, end, wasReady),
      },
    );
    this.#links.set(peer, link);
  }

  #onReady(link: PeerLink): void {
    this.#unreachableInARow = 0;
    if (this.#uploads.enabled) this.#tellAll([link]);
    this.#change();
  }

  #onUseless(link: PeerLink, reason: string): void {
    const known = !this.#departed.has(link);
    this.#shun(link.id);
    this.#castOut(link, { kind: 'silent', reason });
    if (known) this.#report(link.id, 'lost');
  }

  /**
   * Nothing more is asked of it, and others may take its place. Until then it is served: what it were refused here it
   * would have of the edge, at the site's cost and at none of its own.
   */
  #castOut(link: PeerLink, end: LinkEnd): void {
    this.#departed.add(link, 'outcast');
    this.#options.onPeerEnd?.(link.id, end, link.ready);
    this.#change();
  }

  #onEnd(link: PeerLink, end: LinkEnd, wasReady: boolean): void {
    const departure = this.#departed.take(link);
    if (this.#links.get(link.id) === link) this.#links.delete(link.id);
    if (departure !== 'outcast') this.#options.onPeerEnd?.(link.id, end, wasReady);
    this.#change();
    if (end.kind === 'breach') this.blame(link.id, end.reason);
    else if (departure === undefined) this.#replace(link.id, end);
  }

  /** Who leaves the room is known to the edge; of everyone else that went it must hear. */
  #replace(peer: string, end: LinkEnd): void {
    switch (end.kind) {
      case 'incompatible':
        this.#shun(peer);
        this.#report(peer, 'unreachable');
        break;
      case 'unreachable':
        this.#unreachableInARow++;
        this.#components.timers.after(reportDelayMs(this.#unreachableInARow), () =>
          this.#report(peer, 'unreachable'),
        );
        break;
      case 'lost':
        this.#report(peer, 'lost');
        break;
      case 'silent':
        this.#shun(peer);
        this.#report(peer, 'lost');
        break;
      case 'farewell':
        if (end.reason === 'leaving') break;
        if (end.reason !== 'switching') this.#shun(peer);
        this.#report(peer, 'lost');
        break;
      case 'breach':
      case 'closed':
        break;
    }
  }

  #shun(peer: string): void {
    this.#shunned.add(peer);
    for (const oldest of this.#shunned) {
      if (this.#shunned.size <= MAX_SHUNNED) break;
      this.#shunned.delete(oldest);
    }
  }

  #report(peer: string, reason: PeerFailed['reason']): void {
    if (!this.#closed) this.#components.room.send({ type: 'peer-failed', peer, reason });
  }

  #configure(config: SwarmConfig): void {
    this.#config = config;
    const before = this.#uploads.enabled;
    const enabled = config.mode === 'on' && (this.#options.upload ?? true);
    this.#uploads.allow({ enabled, bytesPerSecond: config.uploadBytesPerSecond });
    if (config.mode === 'off') this.#closeAll('leaving');
    else this.#closeExcess(config.maxPeers);
    if (enabled !== before) {
      for (const link of this.#ready()) link.sayHello();
      if (enabled) this.#tellAll(this.#ready());
    }
    this.#change();
  }

  #closeExcess(maxPeers: number): void {
    const worst = [...this.#links.values()].sort((a, b) => this.#worth(a) - this.#worth(b));
    for (const link of worst.slice(0, Math.max(0, worst.length - maxPeers))) link.close('switching');
  }

  /** What of a peer is lost with its channel, to compare it with others. */
  #worth(link: PeerLink): number {
    if (this.#departed.has(link)) return -2;
    if (!link.ready) return -1;
    return (link.bytesPerSecond ?? 0) / (1 + link.failures);
  }

  #closeAll(farewell: Farewell): void {
    for (const link of [...this.#links.values()]) link.close(farewell);
  }

  #tellAll(links: readonly PeerLink[]): void {
    const frames = [...announcementFrames('have', this.#store.names()), ...this.#partials.frames()];
    for (const link of links) for (const frame of frames) link.send(frame);
  }

  #announce(frames: readonly PeerFrame[]): void {
    if (!this.#uploads.enabled) return;
    for (const link of this.#ready()) for (const frame of frames) link.send(frame);
  }

  #ready(): PeerLink[] {
    return [...this.#links.values()].filter((link) => link.ready);
  }

  #trusted(): PeerLink[] {
    return this.#ready().filter((link) => !this.#departed.isOutcast(link));
  }

  /** Listeners hear once of all that changed within a turn, after it: they may ask, which changes more. */
  #change(): void {
    if (this.#changed) return;
    this.#changed = true;
    queueMicrotask(() => {
      this.#changed = false;
      for (const listener of [...this.#listeners]) listener();
    });
  }
}
