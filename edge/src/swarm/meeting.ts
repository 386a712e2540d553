import {
  type Arm,
  type Join,
  type PeerFailed,
  type PeersChanged,
  PROTOCOL_VERSION,
  type SegmentDigest,
  type SignalTo,
  type Status,
  type WantedSegment,
} from '@eddy/protocol';
import type { Clock, Random, Timers, Unsubscribe } from '../components.js';
import { wantedKey } from '../digests/digest-index.js';
import type { SegmentDigests } from '../digests/segment-digests.js';
import type { PurgedNames } from '../purge/purge.js';
import { armOf } from './arm/arm.js';
import { configForArm, peersToIntroduce, type SwarmServiceConfig } from './config.js';
import { meetingRooms } from './federation/meeting-rooms.js';
import { type FederatedRooms, NOBODY_OUTSIDE, type Outside } from './federation/outside.js';
import { issueServers } from './ice/turn.js';
import type { Line } from './line.js';
import type { Place } from './matching/place.js';
import type { SwarmMetrics, SwarmRefusal } from './metrics.js';
import type { Pass } from './pass.js';
import { PurgeBoard, purgedMessages } from './purges/purge-board.js';
import type { Notice } from './rooms/notices.js';
import { presentationPath, roomName } from './rooms/room-name.js';
import { Rooms } from './rooms/rooms.js';
import { digestMessages } from './wants/digest-messages.js';
import { Wants } from './wants/wants.js';

export type { Line };

export interface MeetingComponents {
  readonly digests: Pick<SegmentDigests, 'find' | 'onKnown'>;
  /** Monotonic. */
  readonly clock: Clock;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** A name that no other viewer has or can guess. */
  readonly newName: () => string;
  readonly placeOf: (address: string | undefined) => Place;
  readonly metrics: SwarmMetrics;
  /** Viewers of other edges. Default: there are none. */
  readonly federate?: ((rooms: FederatedRooms) => Outside) | undefined;
}

/** Who joins, and with what right. */
export interface Guest {
  readonly site: string;
  readonly sitePrefix: string;
  readonly address: string | undefined;
  /** As it is now. */
  readonly pass: () => Pass;
}

export interface Participant extends Guest {
  readonly peer: string;
  readonly room: string;
  /** Canonical path. */
  readonly presentation: string;
  readonly arm: Arm;
  /** Of its `join`. */
  readonly session: string;
  readonly place: Place;
  readonly line: Line;
  /** Since the epoch; undefined: its ICE servers last. */
  renewIceAtMs: number | undefined;
}

/** Why a player is turned away. */
export interface Refusal {
  readonly reason: SwarmRefusal;
  readonly message: string;
  readonly retry: boolean;
}

/** What players say to the edge and, through it, to each other. Knows rooms and words, not sockets. */
export class Meeting {
  readonly #components: MeetingComponents;
  readonly #participants = new Map<string, Participant>();
  readonly #bySession = new Map<string, Participant>();
  readonly #rooms: Rooms;
  readonly #wants: Wants;
  readonly #purges: PurgeBoard;
  readonly #outside: Outside;
  readonly #stopListening: Unsubscribe;
  #config: SwarmServiceConfig;
  /** Pairs that ended in an accusation, and viewers with too many of them, since the start. */
  accusations = 0;
  disputed = 0;

  constructor(components: MeetingComponents, config: SwarmServiceConfig) {
    const { metrics, random } = components;
    this.#components = components;
    this.#config = config;
    this.#rooms = new Rooms(
      {
        random,
        onDivided: (by) => metrics.roomsChanged(by),
        onMerged: () => metrics.roomsChanged('merged'),
        onDisputed: () => {
          this.disputed += 1;
        },
      },
      { maxPeers: peersToIntroduce(config.players), roomViewers: config.limits.roomViewers },
    );
    this.#wants = new Wants({
      maxPerViewer: config.limits.wantsPerSocket,
      lifetimeMs: config.limits.wantSeconds * 1000,
    });
    this.#purges = new PurgeBoard({ ...components, onPurged: (names) => this.#tellPurged(names) });
    const federated = meetingRooms({
      rooms: this.#rooms,
      lineOf: (peer) => this.#participants.get(peer)?.line,
      notify: (room, notices) => this.#notify(room, notices),
    });
    this.#outside = components.federate?.(federated) ?? NOBODY_OUTSIDE;
    this.#stopListening = components.digests.onKnown((wanted, digest) => this.#announce(wanted, digest));
  }

  get viewers(): number {
    return this.#participants.size;
  }

  get roomCount(): number {
    return this.#rooms.count;
  }

  get wantCount(): number {
    return this.#wants.count;
  }

  byPeer(peer: string): Participant | undefined {
    return this.#participants.get(peer);
  }

  bySession(session: string): Participant | undefined {
    return this.#bySession.get(session);
  }

  join(line: Line, guest: Guest, join: Join): { participant: Participant } | { refusal: Refusal } {
    if (join.version !== PROTOCOL_VERSION) return { refusal: badVersion(join.version) };
    const presentation = presentationPath(join.presentation);
    const room = roomName(guest.site, join.presentation);
    if (presentation === undefined || room === undefined) {
      const message = 'The presentation is not a usable path: name the playlist by the path of its URL.';
      return { refusal: { reason: 'bad-presentation', message, retry: false } };
    }
    const { newName, placeOf } = this.#components;
    const arm = armOf(join.viewer, guest.site, this.#config.holdoutPercent);
    const peer = newName();
    const { iceServers, renewAtMs } = this.#iceServers(peer, arm);
    const participant: Participant = {
      ...guest,
      peer,
      room,
      presentation,
      arm,
      session: join.session,
      place: placeOf(guest.address),
      line,
      renewIceAtMs: renewAtMs,
    };
    this.#participants.set(peer, participant);
    this.#bySession.set(join.session, participant);
    const config = configForArm(this.#config.players, arm);
    line.tell({ type: 'welcome', version: PROTOCOL_VERSION, peer, room, arm, config, iceServers });
    // What it holds from before it was away, it must not offer to those it meets now.
    if (join.awayMs !== undefined) this.#tell(participant, this.#purges.missed(join.awayMs));
    if (arm === 'treated') {
      const { upload: uploads, uploadBytesPerSecond } = join;
      const declared = uploadBytesPerSecond === undefined ? {} : { uploadBytesPerSecond };
      this.#notify(room, this.#rooms.join(room, { peer, uploads, place: participant.place, ...declared }));
      this.#outside.changed(room);
    }
    return { participant };
  }

  leave(participant: Participant): void {
    const { peer, room, session } = participant;
    if (!this.#participants.delete(peer)) return;
    if (this.#bySession.get(session) === participant) this.#bySession.delete(session);
    this.#wants.dropViewer(peer);
    this.#notify(room, this.#rooms.leave(room, peer));
    this.#outside.changed(room);
  }

  /** It has no right to the video any more. Channels outlive an introduction, so the others must hear why it goes. */
  expel(participant: Participant): void {
    const { peer, room } = participant;
    const message: PeersChanged = { type: 'peers', meet: [], gone: [], expelled: [peer] };
    for (const to of this.#rooms.metBy(room, peer)) {
      this.#tellPeer(room, { to, message, home: this.#rooms.of(room)?.homeOf(to) });
    }
    this.leave(participant);
  }

  /** Carried between two who were introduced, dropped otherwise: the other one may just have left. */
  signal({ peer, room }: Participant, { to, payload }: SignalTo): void {
    if (!this.#rooms.introduced(room, peer, to)) {
      this.#components.metrics.refusal('not-introduced');
      return;
    }
    const home = this.#rooms.of(room)?.homeOf(to);
    if (home !== undefined) this.#outside.signal(room, home, { from: peer, to }, payload);
    else this.#participants.get(to)?.line.tell({ type: 'signal', from: peer, payload });
  }

  fail({ peer, room }: Participant, { peer: other, reason }: PeerFailed): void {
    const home = this.#rooms.of(room)?.homeOf(other);
    const notices = this.#rooms.fail(room, peer, other, reason === 'misbehaved');
    if (notices.length === 0) return;
    this.#components.metrics.peerFailed(reason);
    // It may have left without a word; the others it was introduced to should not wait for the next heartbeat.
    if (reason === 'misbehaved') this.accusations += 1;
    else this.#participants.get(other)?.line.probe();
    if (home !== undefined) this.#outside.failed(room, home, { from: peer, to: other }, reason);
    this.#notify(room, notices);
  }

  status({ peer, room }: Participant, { positionMs, uploads }: Status): void {
    this.#notify(room, this.#rooms.status(room, peer, positionMs, uploads));
  }

  want({ peer, line, sitePrefix, pass }: Participant, segments: readonly WantedSegment[]): void {
    const known: SegmentDigest[] = [];
    for (const wanted of segments) {
      // Digests tell that there is a segment, and how large.
      if (!pass().allows(wanted.path)) {
        this.#components.metrics.refusal('token-path');
        continue;
      }
      const named = { ...wanted, path: sitePrefix + wanted.path };
      const digest = this.#components.digests.find(named);
      if (digest !== undefined) known.push({ ...digest, path: wanted.path });
      else if (!this.#wants.add(peer, wantedKey(named), this.#components.clock.now())) {
        this.#components.metrics.refusal('too-many-wants');
      }
    }
    for (const message of digestMessages(known)) line.push(message);
    this.#components.metrics.digestsPushed(known.length);
  }

  /** Segments are no more what they were. Names begin with their site's prefix. */
  purged(names: PurgedNames): void {
    this.#purges.note(names);
  }

  /** Players already here keep their arm; their config changes at once. */
  setConfig(config: SwarmServiceConfig): void {
    this.#config = config;
    const treated = { type: 'config', config: config.players } as const;
    const heldOut = { type: 'config', config: configForArm(config.players, 'holdout') } as const;
    for (const { line, arm } of this.#participants.values()) line.tell(arm === 'holdout' ? heldOut : treated);
    for (const [room, notices] of this.#rooms.setMaxPeers(peersToIntroduce(config.players))) {
      this.#notify(room, notices);
      this.#outside.changed(room);
    }
  }

  /** What is due now and then. */
  tidy(): void {
    this.#wants.dropExpired(this.#components.clock.now());
    const now = this.#components.wallClock.now();
    for (const participant of this.#participants.values()) {
      if (participant.renewIceAtMs === undefined || now < participant.renewIceAtMs) continue;
      const { iceServers, renewAtMs } = this.#iceServers(participant.peer, participant.arm);
      participant.renewIceAtMs = renewAtMs;
      participant.line.tell({ type: 'ice', iceServers });
      this.#components.metrics.iceRenewed();
    }
  }

  close(): void {
    this.#purges.close();
    this.#outside.close();
    this.#stopListening();
  }

  /** Whoever has no peers needs no relay. */
  #iceServers(user: string, arm: Arm): ReturnType<typeof issueServers> {
    const { iceServers, turn } = this.#config;
    const nowMs = this.#components.wallClock.now();
    return issueServers(iceServers, arm === 'holdout' ? undefined : turn, { user, nowMs });
  }

  #announce(wanted: WantedSegment, digest: SegmentDigest): void {
    const waiting = this.#wants.take(wantedKey(wanted), this.#components.clock.now());
    const [first] = waiting;
    // Wants are told apart by site, so all who wait are of one.
    const sitePrefix = first === undefined ? undefined : this.#participants.get(first)?.sitePrefix;
    if (sitePrefix === undefined) return;
    const messages = digestMessages([{ ...digest, path: digest.path.slice(sitePrefix.length) }]);
    for (const peer of waiting) {
      for (const message of messages) this.#participants.get(peer)?.line.push(message);
    }
    this.#components.metrics.digestsPushed(waiting.length);
  }

  #tellPurged(names: PurgedNames): void {
    for (const participant of this.#participants.values()) this.#tell(participant, names);
  }

  #tell({ line, sitePrefix, pass }: Participant, names: PurgedNames): void {
    const messages = purgedMessages(names, sitePrefix, (name, kind) =>
      kind === 'path' ? pass().allows(name) : pass().allowsBelow(name),
    );
    for (const message of messages) line.tell(message);
    if (messages.length > 0) this.#components.metrics.purgeTold(1);
  }

  #notify(room: string, notices: readonly Notice[]): void {
    for (const notice of notices) this.#tellPeer(room, notice);
    if (notices.length > 0) this.#outside.changed(room);
  }

  #tellPeer(room: string, { to, message, home }: Notice): void {
    if (home !== undefined) this.#outside.tell(room, home, to, message);
    else this.#participants.get(to)?.line.tell(message);
  }
}

/** For a player of another version: it is told so, and not to come back. */
export function badVersion(version: number): Refusal {
  const message = `This edge speaks version ${PROTOCOL_VERSION}, the player ${version}: use an SDK of the edge's version.`;
  return { reason: 'bad-version', message, retry: false };
}
