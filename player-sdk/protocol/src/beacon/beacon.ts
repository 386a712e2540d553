import { ProtocolError } from '../errors.js';
import { parseJson } from '../json/fields.js';
import { MAX_BEACON_BYTES, MAX_PATH_BYTES, PROTOCOL_VERSION } from '../limits.js';
import { ARMS, type Arm } from '../signaling/messages.js';

/**
 * What a player reports every ten seconds and once more on leaving: a POST to `BEACON_PATH`, JSON.
 * Counters are what happened since the batch before, so that sums over batches are totals; a batch that is sent
 * twice has the same `batch` id and counts once. The edge dates it on arrival: players' clocks are not trusted.
 */
export interface Beacon {
  readonly version: number;
  /** Unique a batch, so that a retry counts once. */
  readonly batch: string;
  /** The `session` of the player's `join`. */
  readonly session: string;
  /** Canonical path of the presentation. */
  readonly presentation: string;
  readonly arm: Arm;
  /** Open channels now. */
  readonly peers: number;
  readonly counters: BeaconCounters;
}

/** Additive. Bytes are media bytes. */
export interface BeaconCounters {
  /** Played or buffered from the edge. */
  readonly edgeBytes: number;
  /** Verified, from other viewers. */
  readonly peerBytes: number;
  /** Sent to other viewers. */
  readonly uploadedBytes: number;
  /** Received and of no use: duplicates, late, or not what the digest says. */
  readonly wastedBytes: number;
  /** Time during which the picture moved. */
  readonly watchedMs: number;
  /** Time during which it should have moved and did not, after the first frame. */
  readonly rebufferMs: number;
  readonly rebuffers: number;
}

export const BEACON_COUNTERS: readonly (keyof BeaconCounters)[] = [
  'edgeBytes',
  'peerBytes',
  'uploadedBytes',
  'wastedBytes',
  'watchedMs',
  'rebufferMs',
  'rebuffers',
];

/** More than any honest batch holds: ten minutes at 1 Gbit/s, or ten minutes. Larger claims are refused. */
const MAX_BATCH_BYTES = 75e9;
const MAX_BATCH_MS = 600_000;

/** @throws ProtocolError on anything but a beacon of this version within the limits. */
export function parseBeacon(text: string): Beacon {
  const fields = parseJson(text, MAX_BEACON_BYTES, 'beacon');
  const version = fields.count('version', 255);
  if (version !== PROTOCOL_VERSION) throw new ProtocolError('bad-version', `beacon version ${version}`);
  const counters = fields.object('counters');
  return {
    version,
    batch: fields.text('batch', 64),
    session: fields.text('session', 64),
    presentation: fields.text('presentation', MAX_PATH_BYTES),
    arm: fields.oneOf('arm', ARMS),
    peers: fields.count('peers', 1000),
    counters: {
      edgeBytes: counters.count('edgeBytes', MAX_BATCH_BYTES),
      peerBytes: counters.count('peerBytes', MAX_BATCH_BYTES),
      uploadedBytes: counters.count('uploadedBytes', MAX_BATCH_BYTES),
      wastedBytes: counters.count('wastedBytes', MAX_BATCH_BYTES),
      watchedMs: counters.count('watchedMs', MAX_BATCH_MS),
      rebufferMs: counters.count('rebufferMs', MAX_BATCH_MS),
      rebuffers: counters.count('rebuffers', 10_000),
    },
  };
}
