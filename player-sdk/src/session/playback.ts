import { type Arm, type Beacon, type BeaconCounters, withSession } from '@eddy/protocol';
import { ByteCounters } from '../beacon/counters.js';
import { PlaybackWatch } from '../beacon/playback-watch.js';
import { type PlaybackNews, Reporter, type ReportSource } from '../beacon/reporter.js';
import type { Segments } from '../hls/segments.js';
import type { Uploading } from '../manners/may-upload.js';
import { UploadAccount } from '../manners/upload-account.js';
import { RoomClient } from '../signaling/room-client.js';
import { countedSocket, openWebSocket } from '../signaling/socket.js';
import { LinkEstimate } from '../transfer/link-estimate.js';
import { Admission } from './admission.js';
import { emptyStats } from './empty-stats.js';
import { Exchange } from './exchange.js';
import { newId } from './id.js';
import { Pathways } from './pathways.js';
import type { PlaybackComponents, PlaybackEvents, PlaybackOptions } from './playback-components.js';
import type { SessionState, SessionStats } from './stats.js';

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
  readonly #reporter: Reporter | undefined;
  readonly #bytes = new ByteCounters();
  readonly #events: PlaybackEvents;
  readonly #components: PlaybackComponents;
  #exchange: Exchange | undefined;
  #account: UploadAccount | undefined;
  readonly #session: string;
  readonly #relayedBefore: number;
  #errors: string[] = [];
  #signalingBytes = 0;
  #cancelJoin: () => void = () => {};
  #soon = false;
  #pictured = false;
  #welcomed = false;
  #consented: boolean;
  #uploading: Uploading;
  #detail = '';

  constructor(components: PlaybackComponents, options: PlaybackOptions, events: PlaybackEvents) {
    this.#components = components;
    this.#options = options;
    this.#events = events;
    const { clock, timers, random, player, manners, transport, openSocket } = components;
    const { edge, viewer, presentation, obstacle } = options;
    const { uploadBytesPerSecond, getToken } = options;
    this.#relayedBefore = transport.relayedBytes ?? 0;
    const named = player.config.cmcd?.sessionId;
    const session = named !== undefined && SESSION.test(named) ? named : newId(random);
    this.#session = session;
    this.#consented = manners.consented;
    this.watch = new PlaybackWatch(clock, () => this.#onFirstFrame());
    const willing = (): boolean => this.#admission.willing;
    this.#room = new RoomClient(
      {
        ...components,
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
    if (options.beacons) {
      this.#reporter = new Reporter(
        { ...components, source: this },
        {
          get edge() {
            return edgeNow.edge;
          },
          ...{ session, presentation },
        },
      );
    }
    this.pathways = new Pathways({
      ...components,
      ...{ home: edge, room: this.#room, host: options.host },
      addressed: (url) => this.addressed(url),
      consented: () => this.#consented,
      beacons: options.beacons,
    });
    this.#attend();
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
    return this.#admission.active ? this.#exchange?.segments : undefined;
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
    return this.#exchange?.peers ?? 0;
  }

  get totals(): BeaconCounters {
    const { edgeBytes, edgeMemoryBytes, edgeDiskBytes, edgeFillBytes } = this.#bytes;
    const { peerBytes, wastedBytes, duplicateBytes, hashFailedBytes } = this.#bytes;
    return {
      ...{ edgeBytes, edgeMemoryBytes, edgeDiskBytes, edgeFillBytes },
      ...{ peerBytes, wastedBytes, duplicateBytes, hashFailedBytes },
      uploadedBytes: this.#uploadedBytes,
      signalingBytes: this.#signalingBytes,
      turnBytes: this.#relayedBytes,
      watchedMs: this.watch.watchedMs,
    };
  }

  get #uploadedBytes(): number {
    return this.#exchange?.uploadedBytes ?? 0;
  }

  get #relayedBytes(): number {
    return (this.#components.transport.relayedBytes ?? 0) - this.#relayedBefore;
  }

  get bitrateKbps(): number | undefined {
    const bitrate = this.#components.player.levels[this.#components.player.currentLevel ?? -1]?.bitrate;
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
      ...emptyStats(),
      ...this.#exchange?.figures,
      ...{ edgeBytes, peerBytes, wastedBytes, watchedMs, rebufferMs, rebuffers },
      state: this.state,
      detail: this.#admission.bar === undefined ? this.#detail : '',
      presentation: this.presentation,
      room: this.#room.welcome?.room,
      arm: this.arm,
      uploading: this.#uploading,
      uploadedTodayBytes: this.#components.manners.meter.bytes,
      relayedBytes: this.#relayedBytes,
      viewerShares: this.#components.manners.viewerShares,
      offload: peerBytes === 0 ? 0 : peerBytes / (edgeBytes + peerBytes),
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
    this.#cancelJoin = this.#components.timers.after(PATIENT_JOIN_MS, () => this.join());
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
    this.pathways.left();
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
    this.#exchange?.close();
    // What stands still now has stood still until here.
    this.watch.release();
    this.#reporter?.close();
    this.pathways.close();
    this.#cancelJoin();
    this.#account?.close();
    this.#admission.close();
  }

  #onFirstFrame(): void {
    this.join();
    this.#pictured = true;
    this.#exchange?.begin();
    this.#admission.begin();
    this.pathways.begin();
  }

  /** Others may have a part in this from now on. */
  #attend(): void {
    const { sha256 } = this.#components;
    if (this.#exchange !== undefined || sha256 === undefined || !this.#admission.active) return;
    this.#exchange = new Exchange(
      {
        ...this.#components,
        ...{ sha256, room: this.#room, admission: this.#admission, link: this.link, ledger: this.#bytes },
        gave: (peer, bytes) => this.#bytes.from(peer, bytes),
      },
      this.#options,
      this.#events,
    );
    if (this.#pictured) this.#exchange.begin();
  }

  /** Before anything may be uploaded there is nothing to enter; at the cap the next day is waited for. */
  #openAccount(): void {
    const { timers, manners } = this.#components;
    this.#account ??= new UploadAccount(
      {
        ...{ timers, meter: manners.meter },
        uploadedBytes: () => this.#uploadedBytes,
        onCount: () => manners.changed(),
      },
      this.#options.uploadBytesPerDay,
    );
  }

  /** What may be done has changed: peers are told, and so is who listens. */
  #onAdmission(): void {
    const { consented } = this.#components.manners;
    // What was played without consent is nobody's business.
    if (consented && !this.#consented) this.#reporter?.skip();
    if (this.#admission.bar !== undefined) this.#welcomed = false;
    this.#consented = consented;
    this.#uploading = this.#admission.uploading;
    if (this.#uploading === 'on' || this.#uploading === 'off: daily cap') this.#openAccount();
    this.#attend();
    this.#exchange?.refresh();
    this.#events.onChange();
  }
}
