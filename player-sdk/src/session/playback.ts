import { type Arm, type Beacon, type BeaconCounters, withSession } from '@eddy/protocol';
import { ByteCounters } from '../beacon/counters.js';
import { PlaybackWatch } from '../beacon/playback-watch.js';
import { type PlaybackNews, Reporter, type ReportSource } from '../beacon/reporter.js';
import type { Timers } from '../components.js';
import { DigestIndex } from '../digests/digest-index.js';
import type { HlsPlayer } from '../hls/player.js';
import { positionOf } from '../hls/playhead.js';
import { Segments } from '../hls/segments.js';
import type { Manners } from '../manners/manners.js';
import type { Uploading } from '../manners/may-upload.js';
import { UploadAccount } from '../manners/upload-account.js';
import { Mesh } from '../mesh/mesh.js';
import { RoomClient } from '../signaling/room-client.js';
import { countedSocket, openWebSocket } from '../signaling/socket.js';
import { StatusReporter } from '../signaling/status-reporter.js';
import { LinkEstimate } from '../transfer/link-estimate.js';
import { Sharing } from '../transfer/sharing.js';
import type { PeerTransport } from '../transport/transport.js';
import { Admission } from './admission.js';
import { PeerExpectation } from './expectation.js';
import { newId } from './id.js';
import { LimitedRoom } from './limited-room.js';
import { Pathways } from './pathways.js';
import { PatientRoom } from './patient-room.js';
import type { PlaybackComponents, PlaybackEvents, PlaybackOptions } from './playback-components.js';
import type { SegmentReport, SessionState, SessionStats } from './stats.js';

const MAX_REPORTS = 64;
const LATEST_JOIN_MS = 1_000;
/** From the first request for a segment: a picture that was quick is there by then. */
const PATIENT_JOIN_MS = 150;
/** Names of errors kept until they are told. */
const MAX_ERRORS = 8;
/** The edge takes no other names of sessions. */
const SESSION = /^[\w-]{1,64}$/;

/** One presentation being played: its room, its swarm, its digests, its accounts. */
export class Playback implements ReportSource {
  readonly watch: PlaybackWatch;
  readonly link: LinkEstimate = new LinkEstimate();
  readonly pathways: Pathways;
  readonly #options: PlaybackOptions;
  readonly #room: RoomClient;
  readonly #admission: Admission;
  readonly #limited: LimitedRoom;
  readonly #meeting: PatientRoom;
  readonly #mesh: Mesh;
  readonly #digests: DigestIndex;
  readonly #expectation: PeerExpectation;
  readonly #sharing: Sharing | undefined;
  readonly #segments: Segments | undefined;
  readonly #reporter: Reporter | undefined;
  readonly #status: StatusReporter;
  readonly #bytes = new ByteCounters();
  readonly #reports: SegmentReport[] = [];
  readonly #manners: Manners;
  readonly #events: PlaybackEvents;
  #account: UploadAccount | undefined;
  readonly #player: HlsPlayer;
  readonly #transport: PeerTransport;
  readonly #session: string;
  readonly #relayedBefore: number;
  #errors: string[] = [];
  #signalingBytes = 0;
  #memoryBytes = 0;
  #blamedPeers = 0;
  readonly #timers: Timers;
  #cancelJoin: () => void = () => {};
  #soon = false;
  #welcomed = false;
  #consented: boolean;
  #uploading: Uploading;
  #detail = '';

  constructor(components: PlaybackComponents, options: PlaybackOptions, events: PlaybackEvents) {
    this.#options = options;
    this.#events = events;
    const { clock, timers, random, player, manners, transport } = components;
    const { sha256, post, openSocket, fetch, codec, allocate, schedule } = components;
    const { edge, viewer, presentation, memoryBytes, obstacle, blockQuery } = options;
    const { uploadBytesPerSecond, getToken } = options;
    this.#player = player;
    this.#transport = transport;
    this.#relayedBefore = transport.relayedBytes ?? 0;
    const named = player.config.cmcd?.sessionId;
    const session = named !== undefined && SESSION.test(named) ? named : newId(random);
    this.#session = session;
    this.#manners = manners;
    this.#timers = timers;
    this.#consented = manners.consented;
    this.watch = new PlaybackWatch(clock, () => this.#onFirstFrame());
    const willing = (): boolean => this.#admission.willing;
    this.#room = new RoomClient(
      {
        ...{ clock, timers, random },
        openSocket: countedSocket(openSocket ?? openWebSocket, (bytes) => {
          this.#signalingBytes += bytes;
        }),
      },
      {
        ...{ edge, presentation, session, uploadBytesPerSecond, getToken },
        get viewer() {
          return viewer();
        },
        get upload() {
          return willing();
        },
      },
    );
    this.#admission = new Admission({ room: this.#room, manners }, options, () => this.#onAdmission());
    this.#uploading = this.#admission.uploading;
    const edgeNow = this.#room;
    this.#room.subscribe({
      onWelcome: () => {
        this.#welcomed = this.#admission.bar === undefined;
      },
      onState: (_state, reason) => {
        this.#detail = reason;
        events.onChange();
      },
    });
    const admission = this.#admission;
    const { maxPeers } = options;
    this.#limited = new LimitedRoom(this.#room, {
      ...{ maxPeers, uploadBytesPerSecond },
      mode: () => admission.mode,
    });
    this.#meeting = new PatientRoom({ room: this.#limited, timers });
    const room = this.#meeting;
    this.#mesh = new Mesh(
      { clock, timers, transport, room, ...(codec === undefined ? {} : { codec }) },
      {
        memoryBytes,
        onPeerEnd: (peer, end) => {
          if (end.kind === 'breach' || end.kind === 'silent') this.#blamedPeers++;
          events.onPeerEnd(peer, `${end.kind}: ${end.reason}`);
        },
      },
    );
    this.#mesh.onChange(() => events.onChange());
    this.#digests = new DigestIndex(
      { clock, timers, room: this.#room, ...(fetch === undefined ? {} : { fetch }) },
      {
        get edge() {
          return edgeNow.edge;
        },
        blockQuery,
      },
    );
    this.#expectation = new PeerExpectation({ clock, room, swarm: this.#mesh });
    if (sha256 !== undefined && obstacle === undefined) {
      const [swarm, digests] = [this.#mesh, this.#digests];
      this.#sharing = new Sharing({ timers, swarm, digests, sha256 });
      this.#segments = new Segments({
        clock,
        timers,
        swarm,
        digests,
        sha256,
        player,
        sharing: this.#sharing,
        link: this.link,
        ...(allocate === undefined ? {} : { allocate }),
        ...(schedule === undefined ? {} : { schedule }),
        ledger: this.#bytes,
        expectingUntil: () => this.#expectation.until,
        uploads: () => this.#uploading === 'on',
        active: () => admission.active,
        onBlame: () => {
          this.#blamedPeers++;
        },
        onReport: (report) => {
          this.#memoryBytes += report.memoryBytes;
          for (const [peer, bytes] of Object.entries(report.peers)) this.#bytes.from(peer, bytes);
          this.#reports.push(report);
          if (this.#reports.length > MAX_REPORTS) this.#reports.shift();
          events.onSegment(report);
        },
      });
    }
    if (options.beacons) {
      this.#reporter = new Reporter(
        { timers, random, post, source: this },
        {
          get edge() {
            return edgeNow.edge;
          },
          ...{ session, presentation },
        },
      );
    }
    this.pathways = new Pathways({
      ...{ clock, timers, player, home: edge, room: this.#room, host: options.host },
      ...(fetch === undefined ? {} : { fetch }),
      addressed: (url) => this.addressed(url),
      consented: () => this.#consented,
      beacons: options.beacons,
    });
    this.#status = new StatusReporter({
      ...{ timers, room: this.#room, swarm: this.#mesh },
      positionMs: () => positionOf(player),
    });
    if (player.media !== null) this.watch.watch(player.media);
    // A player that loads nothing (autoplay is off) may still be of use to others.
    if (!options.waitForPlayback && obstacle === undefined)
      this.#cancelJoin = timers.after(LATEST_JOIN_MS, () => this.join());
  }

  get edge(): string {
    return this.#options.edge;
  }

  get presentation(): string {
    return this.#options.presentation;
  }

  /** Undefined while nothing can be had from others: what hls.js asks for is between it and the edge then. */
  get segments(): Segments | undefined {
    return this.#admission.active ? this.#segments : undefined;
  }

  get arm(): Arm | undefined {
    return this.#admission.site?.arm;
  }

  /** Who is in no room names itself, and the edge draws. */
  get drawn(): Beacon['arm'] | undefined {
    if (!this.#consented || this.#admission.waiting) return undefined;
    return this.arm ?? { viewer: this.#options.viewer() };
  }

  get uploading(): Uploading {
    return this.#uploading;
  }

  get peers(): number {
    return this.#mesh.peers().length;
  }

  get totals(): BeaconCounters {
    const { edgeBytes, edgeMemoryBytes, edgeDiskBytes, edgeFillBytes } = this.#bytes;
    const { peerBytes, wastedBytes, duplicateBytes, hashFailedBytes } = this.#bytes;
    return {
      ...{ edgeBytes, edgeMemoryBytes, edgeDiskBytes, edgeFillBytes },
      ...{ peerBytes, wastedBytes, duplicateBytes, hashFailedBytes },
      uploadedBytes: this.#mesh.uploadedBytes,
      signalingBytes: this.#signalingBytes,
      turnBytes: this.#relayedBytes,
      watchedMs: this.watch.watchedMs,
    };
  }

  get #relayedBytes(): number {
    return (this.#transport.relayedBytes ?? 0) - this.#relayedBefore;
  }

  get bitrateKbps(): number | undefined {
    const bitrate = this.#player.levels[this.#player.currentLevel ?? -1]?.bitrate;
    return bitrate === undefined || bitrate <= 0 ? undefined : Math.round(bitrate / 1000);
  }

  takeNews(): PlaybackNews {
    const errors = this.#errors;
    this.#errors = [];
    return {
      startupMs: this.watch.takeStartupMs(),
      starvationsMs: this.watch.takeStarvationsMs(),
      errors,
      from: this.#bytes.takeFrom(),
    };
  }

  get state(): SessionState {
    const { bar, site, waiting } = this.#admission;
    if (bar !== undefined) return `off: ${bar}`;
    if (site?.arm === 'holdout') return 'off: holdout';
    if (waiting) return 'waiting';
    const { state } = this.#room;
    if (site?.mode === 'off' && state !== 'closed') return 'off: turned off by the edge';
    if (this.peers > 0) return 'sharing';
    if (state === 'joined') return 'alone';
    if (state === 'closed') return 'off: refused by the edge';
    if (this.#room.out) return 'connecting';
    return state === 'connecting' && !this.#welcomed ? 'connecting' : 'away';
  }

  stats(): SessionStats {
    const { edgeBytes, peerBytes, wastedBytes } = this.#bytes;
    const { watchedMs, rebufferMs, rebuffers } = this.watch;
    return {
      ...{ edgeBytes, peerBytes, wastedBytes, watchedMs, rebufferMs, rebuffers },
      uploadedBytes: this.#mesh.uploadedBytes,
      state: this.state,
      detail: this.#admission.bar === undefined ? this.#detail : '',
      presentation: this.presentation,
      self: this.#mesh.self,
      room: this.#room.welcome?.room,
      arm: this.arm,
      peers: this.peers,
      uploading: this.#uploading,
      uploadedTodayBytes: this.#manners.meter.bytes,
      relayedBytes: this.#relayedBytes,
      viewerShares: this.#manners.viewerShares,
      memoryBytes: this.#memoryBytes,
      heldBytes: this.#mesh.heldBytes,
      offload: peerBytes === 0 ? 0 : peerBytes / (edgeBytes + peerBytes),
      blamedPeers: this.#blamedPeers,
      segments: [...this.#reports],
    };
  }

  /** Opens the room, if it may be. */
  join(): void {
    this.#cancelJoin();
    this.#admission.want();
  }

  /**
   * The first segment has been asked for: opens the room with the first picture, since until then every millisecond of
   * the page is one of the viewer's wait; or a little later where the picture takes its time, since peers may be faster.
   */
  joinSoon(): void {
    if (this.#soon || this.#options.obstacle !== undefined) return;
    this.#soon = true;
    this.#cancelJoin();
    this.#cancelJoin = this.#timers.after(PATIENT_JOIN_MS, () => this.join());
  }

  /** hls.js loaded media without asking here. */
  loadedPlainly(bytes: number): void {
    this.#bytes.edge(bytes);
  }

  /** The edge sent `bytes`, and said this of how it came by them. */
  answered(cacheStatus: string | null, bytes: number): void {
    this.#bytes.tier(cacheStatus, bytes);
  }

  /** A media address with this session in it, where the edge is to lay what it sent beside what is reported. */
  addressed(url: string): string {
    return this.#options.beacons && this.#consented ? withSession(url, this.#session) : url;
  }

  /** Media come from another edge from now on. */
  moveTo(edge: string): void {
    this.#room.moveTo(edge);
  }

  /** Something ended playback, or would have. */
  failed(error: string): void {
    if (this.#errors.length < MAX_ERRORS) this.#errors.push(error);
  }

  /** Sends what has not been reported yet. */
  flush(): void {
    this.#reporter?.flush(true);
  }

  /** Tells peers and edge, and ends. */
  close(): void {
    this.#segments?.close();
    this.#sharing?.close();
    // What stands still now has stood still until here.
    this.watch.release();
    this.#reporter?.close();
    this.#status.close();
    this.pathways.close();
    this.#expectation.close();
    this.#cancelJoin();
    this.#account?.close();
    this.#meeting.close();
    this.#mesh.close();
    this.#digests.close();
    this.#admission.close();
  }

  #onFirstFrame(): void {
    this.join();
    this.#meeting.open();
    this.#admission.begin();
    this.pathways.begin();
  }

  /** Before anything may be uploaded there is nothing to enter; at the cap the next day is waited for. */
  #openAccount(): void {
    const manners = this.#manners;
    this.#account ??= new UploadAccount(
      {
        ...{ timers: this.#timers, meter: manners.meter },
        uploadedBytes: () => this.#mesh.uploadedBytes,
        onCount: () => manners.changed(),
      },
      this.#options.uploadBytesPerDay,
    );
  }

  /** What may be done has changed: peers are told, and so is who listens. */
  #onAdmission(): void {
    const { consented } = this.#manners;
    // What was played without consent is nobody's business.
    if (consented && !this.#consented) this.#reporter?.skip();
    if (this.#admission.bar !== undefined) this.#welcomed = false;
    this.#consented = consented;
    this.#uploading = this.#admission.uploading;
    if (this.#uploading === 'on' || this.#uploading === 'off: daily cap') this.#openAccount();
    this.#limited.refresh();
    this.#events.onChange();
  }
}
