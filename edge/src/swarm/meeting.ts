import {
  type Arm,
  type EdgeMessage,
  type Join,
  PROTOCOL_VERSION,
  type SegmentDigest,
  type SignalTo,
  type WantedSegment,
} from '@eddy/protocol';
import type { Clock, Random, Unsubscribe } from '../components.js';
import { wantedKey } from '../digests/digest-index.js';
import type { SegmentDigests } from '../digests/segment-digests.js';
import { armOf } from './arm/arm.js';
import { configForArm, peersToIntroduce, type SwarmServiceConfig } from './config.js';
import type { SwarmMetrics, SwarmRefusal } from './metrics.js';
import type { Notice } from './rooms/notices.js';
import { roomName } from './rooms/room-name.js';
import { Rooms } from './rooms/rooms.js';
import { digestMessages } from './wants/digest-messages.js';
import { Wants } from './wants/wants.js';

export interface MeetingComponents {
  readonly digests: Pick<SegmentDigests, 'find' | 'onKnown'>;
  readonly clock: Clock;
  readonly random: Random;
  /** A name that no other viewer has or can guess. */
  readonly newName: () => string;
  readonly metrics: SwarmMetrics;
}

/** The way back to one player. */
export interface Line {
  tell(message: EdgeMessage): void;
  push(bytes: Uint8Array): void;
}

export interface Participant {
  readonly peer: string;
  readonly room: string;
  readonly arm: Arm;
  readonly line: Line;
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
  readonly #rooms: Rooms;
  readonly #wants: Wants;
  readonly #stopListening: Unsubscribe;
  #config: SwarmServiceConfig;

  constructor(components: MeetingComponents, config: SwarmServiceConfig) {
    this.#components = components;
    this.#config = config;
    this.#rooms = new Rooms(components, { maxPeers: peersToIntroduce(config.players) });
    this.#wants = new Wants({
      maxPerViewer: config.limits.wantsPerSocket,
      lifetimeMs: config.limits.wantSeconds * 1000,
    });
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

  join(line: Line, site: string, join: Join): { participant: Participant } | { refusal: Refusal } {
    if (join.version !== PROTOCOL_VERSION) return { refusal: badVersion(join.version) };
    const room = roomName(site, join.presentation);
    if (room === undefined) {
      const message = 'The presentation is not a usable path: name the playlist by the path of its URL.';
      return { refusal: { reason: 'bad-presentation', message, retry: false } };
    }
    const arm = armOf(join.viewer, site, this.#config.holdoutPercent);
    const participant: Participant = { peer: this.#components.newName(), room, arm, line };
    this.#participants.set(participant.peer, participant);
    line.tell({
      type: 'welcome',
      version: PROTOCOL_VERSION,
      peer: participant.peer,
      room,
      arm,
      config: configForArm(this.#config.players, arm),
      iceServers: this.#config.iceServers,
    });
    if (arm === 'treated') this.#notify(this.#rooms.join(room, participant.peer, join.upload));
    return { participant };
  }

  leave({ peer, room }: Participant): void {
    if (!this.#participants.delete(peer)) return;
    this.#wants.dropViewer(peer);
    this.#notify(this.#rooms.leave(room, peer));
  }

  /** Carried between two who were introduced, dropped otherwise: the other one may just have left. */
  signal({ peer, room }: Participant, { to, payload }: SignalTo): void {
    if (!this.#rooms.introduced(room, peer, to)) {
      this.#components.metrics.refusal('not-introduced');
      return;
    }
    this.#participants.get(to)?.line.tell({ type: 'signal', from: peer, payload });
  }

  fail({ peer, room }: Participant, other: string): void {
    this.#notify(this.#rooms.fail(room, peer, other));
  }

  want({ peer, line }: Participant, segments: readonly WantedSegment[]): void {
    const known: SegmentDigest[] = [];
    for (const wanted of segments) {
      const digest = this.#components.digests.find(wanted);
      if (digest !== undefined) known.push(digest);
      else if (!this.#wants.add(peer, wantedKey(wanted), this.#components.clock.now())) {
        this.#components.metrics.refusal('too-many-wants');
      }
    }
    for (const message of digestMessages(known)) line.push(message);
    this.#components.metrics.digestsPushed(known.length);
  }

  /** Players already here keep their arm; their config changes at once. */
  setConfig(config: SwarmServiceConfig): void {
    this.#config = config;
    for (const { line, arm } of this.#participants.values()) {
      line.tell({ type: 'config', config: configForArm(config.players, arm) });
    }
    this.#notify(this.#rooms.setMaxPeers(peersToIntroduce(config.players)));
  }

  dropExpiredWants(): void {
    this.#wants.dropExpired(this.#components.clock.now());
  }

  close(): void {
    this.#stopListening();
  }

  #announce(wanted: WantedSegment, digest: SegmentDigest): void {
    const waiting = this.#wants.take(wantedKey(wanted), this.#components.clock.now());
    if (waiting.length === 0) return;
    const messages = digestMessages([digest]);
    for (const peer of waiting) {
      for (const message of messages) this.#participants.get(peer)?.line.push(message);
    }
    this.#components.metrics.digestsPushed(waiting.length);
  }

  #notify(notices: readonly Notice[]): void {
    for (const { to, message } of notices) this.#participants.get(to)?.line.tell(message);
  }
}

/** For a player of another version: it is told so, and not to come back. */
export function badVersion(version: number): Refusal {
  const message = `This edge speaks version ${PROTOCOL_VERSION}, the player ${version}: use an SDK of the edge's version.`;
  return { reason: 'bad-version', message, retry: false };
}
