import type { Arm, Beacon } from '@eddy/protocol';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../components.js';
import { ownText } from '../../own-text.js';
import type { Place } from '../../swarm/matching/place.js';
import { BITRATE, bucketOf, REBUFFER, STARTUP } from '../measures/log-buckets.js';
import { Tally } from '../measures/measures.js';
import { type Fact, markOf } from '../rollup/fact.js';
import type { Device } from './device.js';
import { PeerClaims, type PeerMismatch } from './peer-claims.js';
import type { SentBytes } from './sent-bytes.js';
import { type KnownViewer, nearness, type Viewers } from './viewers.js';

export interface JudgeComponents {
  readonly sent: SentBytes;
  readonly viewers: Viewers;
  /** Monotonic. */
  readonly clock: Clock;
  /** Draws a viewer's arm, as the swarm would where the beacon came in. */
  readonly armOf: (viewer: string, door: Door) => Arm;
}

export interface JudgeOptions {
  /** Where this edge stands. */
  readonly pop: string;
  readonly maxSessions: number;
}

/** Which of the edge's sites a request was for. */
export interface Door {
  /** Name of the site in the settings. */
  readonly site: string;
  /** The Host header. */
  readonly host: string | undefined;
}

/** Where and on what a beacon comes from, as the edge sees it. */
export interface Origin {
  readonly door: Door;
  readonly place: Place | undefined;
  readonly device: Device;
}

export interface Judgement {
  readonly fact: Fact;
  /** The batch does not count: it was counted before, or could not be committed. */
  undo(): void;
}

interface Session {
  readonly mark: string;
  /** Of its last report: most often the next one has the same. */
  keys: Fact['keys'] | undefined;
  readonly firstMs: number;
  watchedMs: number;
  claimedBytes: number;
  wastedBytes: number;
  sentBytes: number;
  /** When it reported before: players have had all of it since. */
  sentBefore: number;
  countedUnsent: number;
  countedUnclaimed: number;
  viewer: KnownViewer | undefined;
}

/** A first report may hold what was watched before its group of the experiment was known. */
const HEAD_START_MS = 60_000;
/** Of one segment at a high bitrate, nearly: asked for, and not yet counted by the player. */
const SENT_SLACK_BYTES = 4 * 1024 * 1024;
const CLAIM_SLACK_BYTES = 64 * 1024;

/**
 * Lays what a player claims beside what the edge knows by itself: what it sent to that session, how much time has
 * passed, which arm it drew, where the peers are. What does not match is counted as such, and not believed.
 */
export class Judge {
  readonly #components: JudgeComponents;
  readonly #options: JudgeOptions;
  readonly #sessions: LRUCache<string, Session>;
  readonly #claims: PeerClaims;

  constructor(components: JudgeComponents, options: JudgeOptions) {
    this.#components = components;
    this.#options = options;
    this.#sessions = new LRUCache({ max: options.maxSessions });
    this.#claims = new PeerClaims({ maxPeers: options.maxSessions });
  }

  /** What is told is known from now on, since the next report may come before this one is committed. */
  judge(beacon: Beacon, { place, device, door }: Origin): Judgement {
    const { sent, viewers, clock, armOf } = this.#components;
    const known = this.#sessions.get(beacon.session);
    const session = known ?? newSession(beacon.session, clock.now());
    const viewer = viewers.bySession(beacon.session) ?? session.viewer;
    const here = viewer?.place ?? place;
    const tally = new Tally();
    addPlayback(tally, beacon);
    const cappedMs = this.#addWatched(tally, beacon, session);
    const sentNow = sent.of(beacon.session);
    const edge = this.#addEdge(tally, beacon, session, sentNow);
    this.#addPeers(tally, beacon, here);
    const mismatch = this.#addUploads(tally, beacon, viewer);
    const fact: Fact = {
      batch: markOf(`${beacon.session} ${beacon.batch}`),
      session: session.mark,
      keys: this.#keys(session, {
        stream: beacon.presentation,
        arm: viewer?.arm ?? (typeof beacon.arm === 'string' ? beacon.arm : armOf(beacon.arm.viewer, door)),
        region: here?.region ?? '',
        network: here?.network === undefined ? '' : `AS${here.network}`,
        device,
      }),
      tally,
    };
    if (known === undefined) this.#sessions.set(ownText(beacon.session), session);
    const undo = this.#know(beacon, session, { cappedMs, sentNow, ...edge });
    session.viewer = viewer;
    const retract =
      viewer === undefined
        ? () => undefined
        : this.#claims.uploaded(viewer.peer, beacon.counters.uploadedBytes, mismatch, here);
    return {
      fact,
      undo: () => {
        undo();
        retract();
      },
    };
  }

  /** The same ones as long as they say the same: hundreds a second wait for their commit. */
  #keys(session: Session, { stream, arm, region, network, device }: Omit<Fact['keys'], 'pop'>): Fact['keys'] {
    const { keys } = session;
    if (
      keys?.stream === stream &&
      keys.arm === arm &&
      keys.region === region &&
      keys.network === network &&
      keys.device === device
    )
      return keys;
    session.keys = { stream: ownText(stream), pop: this.#options.pop, arm, region, network, device };
    return session.keys;
  }

  /** Adds to what is known of the session, and takes from what is still to be reported. Returns the way back. */
  #know(
    { session: name, counters, from }: Beacon,
    session: Session,
    found: { cappedMs: number; sentNow: number; unsentBytes: number; unclaimedBytes: number },
  ): () => void {
    const { sent } = this.#components;
    const { sentBefore } = session;
    const known = from.filter(({ peer }) => this.#isKnown(peer));
    const settle = (sign: 1 | -1): void => {
      session.watchedMs += sign * (counters.watchedMs - found.cappedMs);
      session.claimedBytes += sign * counters.edgeBytes;
      session.wastedBytes += sign * counters.wastedBytes;
      session.sentBytes += sign * found.sentNow;
      session.countedUnsent += sign * found.unsentBytes;
      session.countedUnclaimed += sign * found.unclaimedBytes;
      for (const { peer, bytes } of known) this.#claims.downloaded(peer, sign * bytes);
    };
    settle(1);
    session.sentBefore = session.sentBytes;
    sent.take(name, found.sentNow);
    return () => {
      settle(-1);
      session.sentBefore = Math.min(session.sentBefore, sentBefore);
      if (found.sentNow > 0) sent.add(name, found.sentNow);
    };
  }

  /** Nobody watches longer than time passes. Returns what is not believed. */
  #addWatched(tally: Tally, { counters, bitrateKbps }: Beacon, session: Session): number {
    const passedMs = this.#components.clock.now() - session.firstMs + HEAD_START_MS;
    const cappedMs = Math.max(0, Math.round(session.watchedMs + counters.watchedMs - passedMs));
    const watchedMs = Math.max(0, counters.watchedMs - cappedMs);
    tally.add('watchedMs', watchedMs);
    tally.add('cappedMs', counters.watchedMs - watchedMs);
    if (bitrateKbps !== undefined && watchedMs > 0) {
      tally.add('playedKbits', Math.round((bitrateKbps * watchedMs) / 1000));
      tally.add('ratedMs', watchedMs);
      tally.add(`bitrate_${bucketOf(BITRATE, bitrateKbps)}`, watchedMs);
    }
    return counters.watchedMs - watchedMs;
  }

  #addEdge(
    tally: Tally,
    { counters }: Beacon,
    session: Session,
    sentNow: number,
  ): { unsentBytes: number; unclaimedBytes: number } {
    const claimedBytes = session.claimedBytes + counters.edgeBytes;
    const sentBytes = session.sentBytes + sentNow;
    tally.add('claimedEdgeBytes', counters.edgeBytes);
    if (sentBytes === 0) {
      // No request named it: an older player, or the media came by another edge.
      tally.add('edgeBytes', counters.edgeBytes);
      tally.add('unwitnessedBytes', counters.edgeBytes);
      return { unsentBytes: 0, unclaimedBytes: 0 };
    }
    tally.add('edgeBytes', sentNow);
    const beyond = (bytes: number, slack: number): number => (bytes > slack ? bytes : 0);
    const unsentBytes = beyond(claimedBytes - sentBytes - session.countedUnsent, CLAIM_SLACK_BYTES);
    const accountedBytes = claimedBytes + session.wastedBytes + counters.wastedBytes;
    const unclaimedBytes = beyond(
      session.sentBefore - accountedBytes - session.countedUnclaimed,
      SENT_SLACK_BYTES,
    );
    tally.add('unsentBytes', unsentBytes);
    tally.add('unclaimedBytes', unclaimedBytes);
    return { unsentBytes, unclaimedBytes };
  }

  #addPeers(tally: Tally, { counters, from }: Beacon, here: Place | undefined): void {
    let namedBytes = 0;
    for (const { peer, bytes } of from) {
      namedBytes += bytes;
      if (!this.#isKnown(peer)) {
        tally.add('unmatchedPeerBytes', bytes);
        continue;
      }
      const there = this.#components.viewers.byPeer(peer)?.place ?? this.#claims.placeOf(peer);
      const near = nearness(here, there);
      if (near === 'network') tally.add('peerNetworkBytes', bytes);
      if (near === 'region') tally.add('peerRegionBytes', bytes);
    }
    // From nobody in particular.
    tally.add('unmatchedPeerBytes', Math.max(0, counters.peerBytes - namedBytes));
  }

  #addUploads(tally: Tally, { counters }: Beacon, viewer: KnownViewer | undefined): PeerMismatch {
    if (viewer === undefined) {
      tally.add('unmatchedUploadBytes', counters.uploadedBytes);
      return { unmatchedPeerBytes: 0, unmatchedUploadBytes: 0 };
    }
    const mismatch = this.#claims.mismatch(viewer.peer, counters.uploadedBytes);
    tally.add('unmatchedPeerBytes', mismatch.unmatchedPeerBytes);
    tally.add('unmatchedUploadBytes', mismatch.unmatchedUploadBytes);
    return mismatch;
  }

  #isKnown(peer: string): boolean {
    return this.#claims.knows(peer) || this.#components.viewers.byPeer(peer) !== undefined;
  }
}

/** What only the player can tell. */
function addPlayback(tally: Tally, { counters, startupMs, starvationsMs, errors }: Beacon): void {
  tally.add('edgeMemoryBytes', counters.edgeMemoryBytes);
  tally.add('edgeDiskBytes', counters.edgeDiskBytes);
  tally.add('edgeFillBytes', counters.edgeFillBytes);
  tally.add('peerBytes', counters.peerBytes);
  tally.add('uploadedBytes', counters.uploadedBytes);
  tally.add('wastedBytes', counters.wastedBytes);
  tally.add('duplicateBytes', counters.duplicateBytes);
  tally.add('hashFailedBytes', counters.hashFailedBytes);
  tally.add('signalingBytes', counters.signalingBytes);
  tally.add('turnBytes', counters.turnBytes);
  const rebufferMs = starvationsMs.reduce((sum, ms) => sum + ms, 0);
  tally.add('rebufferMs', Math.round(rebufferMs));
  tally.add('rebuffers', starvationsMs.length);
  tally.add('errors', errors.length);
  tally.add('beacons', 1);
  if (startupMs !== undefined) {
    tally.add('startups', 1);
    tally.add('startupMs', Math.round(startupMs));
    tally.add(`startup_${bucketOf(STARTUP, startupMs)}`, 1);
  }
  const playedMs = counters.watchedMs + rebufferMs;
  if (playedMs > 0) tally.add(`rebuffer_${bucketOf(REBUFFER, rebufferMs / playedMs)}`, 1);
}

function newSession(name: string, nowMs: number): Session {
  return {
    mark: markOf(name),
    keys: undefined,
    firstMs: nowMs,
    ...{ watchedMs: 0, claimedBytes: 0, wastedBytes: 0, sentBytes: 0, sentBefore: 0 },
    ...{ countedUnsent: 0, countedUnclaimed: 0, viewer: undefined },
  };
}
