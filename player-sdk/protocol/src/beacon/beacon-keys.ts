import { ProtocolError } from '../errors.js';
import { Fields } from '../json/fields.js';
import { MAX_BEACON_PEERS, MAX_PATH_BYTES } from '../limits.js';
import { ARMS } from '../signaling/messages.js';
import { BEACON_COUNTERS, type Beacon, type BeaconCounters, NO_COUNTERS, type PeerBytes } from './beacon.js';

/**
 * How a beacon is written as a CMCD event (CTA-5004-B): its own keys where it has them (`sid`, `cid`, `msd`, `br`,
 * `bsd`, `ec`), Eddy's under a name of their own, whose values the standard wants to be strings or tokens.
 */
const OWN = 'com.eddy-';
const KEYS = {
  arm: `${OWN}arm`,
  batch: `${OWN}batch`,
  presentation: `${OWN}cid`,
  from: `${OWN}from`,
  counters: `${OWN}n`,
  peers: `${OWN}peers`,
  viewer: `${OWN}viewer`,
};
const NONE: readonly never[] = [];
/** `cid` may have 128 characters; longer names of presentations go under a key of Eddy's. */
const MAX_CID_CHARACTERS = 128;
const MAX_STARVATIONS = 64;
const MAX_ERRORS = 8;
const MAX_ERROR_CHARACTERS = 64;
/** Of a viewer's key, as in a `join`; each may be three bytes of UTF-8, each of them `%` and two digits. */
const MAX_VIEWER = 64;
const ESCAPED = 9;
/** More than any honest batch holds: ten minutes at 1 Gbit/s, or ten minutes. Larger claims are refused. */
const MAX_BATCH_BYTES = 75e9;
const MAX_BATCH_MS = 600_000;
const MAX_KBPS = 1_000_000;

/** Counters that are left out are 0. Short, since a page that is left may send little. */
const COUNTER_WORDS: Readonly<Record<keyof BeaconCounters, string>> = {
  edgeBytes: 'edge',
  edgeMemoryBytes: 'mem',
  edgeDiskBytes: 'disk',
  edgeFillBytes: 'fill',
  peerBytes: 'peer',
  uploadedBytes: 'up',
  wastedBytes: 'waste',
  duplicateBytes: 'dup',
  hashFailedBytes: 'hash',
  signalingBytes: 'sig',
  turnBytes: 'turn',
  watchedMs: 'watched',
};
const COUNTERS_BY_WORD = new Map(BEACON_COUNTERS.map((counter) => [COUNTER_WORDS[counter], counter]));

/** When the player wrote it, in its own time; CMCD wants it, the edge does not use it. */
export interface BeaconStamp {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  /** Counts the session's batches from 1. */
  readonly sequence: number;
}

/** One line, keys in order, as CMCD wants them. */
export function writeBeacon(beacon: Beacon, { timeMs, sequence }: BeaconStamp): string {
  const { presentation, startupMs, bitrateKbps, starvationsMs, errors, from } = beacon;
  const isLong = presentation.length > MAX_CID_CHARACTERS;
  const counted = BEACON_COUNTERS.filter((counter) => beacon.counters[counter] > 0);
  const keys: Record<string, string | undefined> = {
    br: bitrateKbps === undefined ? undefined : `(${Math.round(bitrateKbps)})`,
    bsd: list(starvationsMs.slice(0, MAX_STARVATIONS).map((ms) => String(Math.round(ms)))),
    cid: isLong ? undefined : text(presentation),
    [KEYS.arm]: typeof beacon.arm === 'string' ? beacon.arm : undefined,
    [KEYS.batch]: text(beacon.batch),
    [KEYS.presentation]: isLong ? text(presentation) : undefined,
    [KEYS.from]:
      from.length === 0 ? undefined : text(from.map(({ peer, bytes }) => `${peer}:${bytes}`).join(' ')),
    [KEYS.counters]: text(
      counted.map((counter) => `${COUNTER_WORDS[counter]}:${beacon.counters[counter]}`).join(' '),
    ),
    [KEYS.peers]: text(String(beacon.peers)),
    [KEYS.viewer]: typeof beacon.arm === 'string' ? undefined : text(escaped(beacon.arm.viewer)),
    e: 't',
    ec: list(errors.slice(0, MAX_ERRORS).map((error) => text(error.slice(0, MAX_ERROR_CHARACTERS)))),
    msd: startupMs === undefined ? undefined : String(Math.round(startupMs)),
    sid: text(beacon.session),
    sn: String(sequence),
    ts: String(Math.round(timeMs)),
    v: '2',
  };
  return Object.entries(keys)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/**
 * A beacon of decoded CMCD: numbers, strings, tokens as strings, inner lists as arrays.
 *
 * @throws ProtocolError on anything but a beacon within the limits.
 */
export function readBeacon(decoded: unknown): Beacon {
  const fields = new Fields(decoded, 'beacon');
  const presentation = fields.text(fields.has('cid') ? 'cid' : KEYS.presentation, MAX_PATH_BYTES);
  const peers = Number(fields.text(KEYS.peers, 4));
  if (!Number.isInteger(peers) || peers < 0) throw new ProtocolError('bad-value', 'beacon.peers');
  const startupMs = fields.has('msd') ? fields.count('msd', MAX_BATCH_MS) : undefined;
  const bitrateKbps = fields.has('br') ? (fields.list('br', 4, amount('br', MAX_KBPS))[0] ?? 0) : undefined;
  return {
    batch: fields.text(KEYS.batch, 64),
    session: fields.text('sid', 64),
    presentation,
    arm: fields.has(KEYS.viewer)
      ? readViewer(fields.text(KEYS.viewer, MAX_VIEWER * ESCAPED))
      : fields.oneOf(KEYS.arm, ARMS),
    peers,
    ...(startupMs === undefined ? undefined : { startupMs }),
    ...(bitrateKbps === undefined ? undefined : { bitrateKbps }),
    starvationsMs: fields.has('bsd')
      ? fields.list('bsd', MAX_STARVATIONS, amount('bsd', MAX_BATCH_MS))
      : NONE,
    errors: fields.has('ec') ? fields.list('ec', MAX_ERRORS, errorName) : NONE,
    counters: readCounters(fields.text(KEYS.counters, 512)),
    from: fields.has(KEYS.from) ? readPeers(fields.text(KEYS.from, MAX_BEACON_PEERS * 80)) : NONE,
  };
}

/** A site's own keys of viewers may have any characters. */
function escaped(viewer: string): string {
  // Of half a character nothing can be made, here or in the JSON of a `join`.
  return encodeURIComponent(viewer.replace(/[\ud800-\udfff]/gu, '\ufffd'));
}

function readViewer(word: string): { readonly viewer: string } {
  let viewer: string;
  try {
    viewer = decodeURIComponent(word);
  } catch {
    throw new ProtocolError('bad-value', 'beacon.viewer');
  }
  if (viewer.length > MAX_VIEWER) throw new ProtocolError('too-large', 'beacon.viewer');
  return { viewer };
}

function readCounters(words: string): BeaconCounters {
  const counters: Record<keyof BeaconCounters, number> = { ...NO_COUNTERS };
  eachPair(words, BEACON_COUNTERS.length * 2, (word, value) => {
    const counter = COUNTERS_BY_WORD.get(word);
    // A newer player may count more.
    if (counter === undefined) return;
    const most = counter === 'watchedMs' ? MAX_BATCH_MS : MAX_BATCH_BYTES;
    if (value > most) throw new ProtocolError('bad-value', `beacon.${counter} is over ${most}`);
    counters[counter] = value;
  });
  return counters;
}

function readPeers(words: string): PeerBytes[] {
  const peers: PeerBytes[] = [];
  eachPair(words, MAX_BEACON_PEERS, (peer, bytes) => peers.push({ peer, bytes }));
  return peers;
}

const MAX_WORD = 64;
const MAX_DIGITS = 11;
const WORD = /^[\w-]+$/;

/** Reads `word:12 other:3`. Edges read hundreds of beacons a second, so nothing is made that is not kept. */
function eachPair(words: string, most: number, read: (word: string, value: number) => void): void {
  let count = 0;
  for (let start = 0; start < words.length; ) {
    const space = words.indexOf(' ', start);
    const end = space === -1 ? words.length : space;
    const colon = words.indexOf(':', start);
    if (++count > most) throw new ProtocolError('too-large', 'beacon has too many figures');
    const word = words.slice(start, colon);
    const wordFits = colon > start && colon - start <= MAX_WORD && WORD.test(word);
    const value = wordFits ? digits(words, colon + 1, end) : undefined;
    // A space at the end is followed by nothing.
    if (value === undefined || end === words.length - 1) {
      throw new ProtocolError('bad-value', 'beacon has a figure that is none');
    }
    read(word, value);
    start = end + 1;
  }
}

function digits(text: string, start: number, end: number): number | undefined {
  if (end <= start || end - start > MAX_DIGITS) return undefined;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

function amount(name: string, max: number): (item: unknown) => number {
  return (item) => {
    if (typeof item === 'number' && item >= 0 && item <= max) return item;
    throw new ProtocolError('bad-value', `beacon.${name} is not 0 to ${max}`);
  };
}

function errorName(item: unknown): string {
  if (typeof item === 'string' && item.length <= MAX_ERROR_CHARACTERS) return item;
  throw new ProtocolError('bad-value', 'beacon.ec');
}

function list(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : `(${items.join(' ')})`;
}

/** RFC 9651 section 3.3.3: printable ASCII. */
function text(value: string): string {
  return `"${value.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`;
}
