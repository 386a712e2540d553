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
/** `cid` may have 128 characters; longer names of presentations go under a key of Eddy's. */
const MAX_CID_CHARACTERS = 128;
const MAX_STARVATIONS = 64;
const MAX_ERRORS = 8;
const MAX_ERROR_CHARACTERS = 64;
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
    [`${OWN}arm`]: beacon.arm,
    [`${OWN}batch`]: text(beacon.batch),
    [`${OWN}cid`]: isLong ? text(presentation) : undefined,
    [`${OWN}from`]:
      from.length === 0 ? undefined : text(from.map(({ peer, bytes }) => `${peer}:${bytes}`).join(' ')),
    [`${OWN}n`]: text(
      counted.map((counter) => `${COUNTER_WORDS[counter]}:${beacon.counters[counter]}`).join(' '),
    ),
    [`${OWN}peers`]: text(String(beacon.peers)),
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
  const own = (name: string): string => `${OWN}${name}`;
  const presentation = fields.text(fields.has('cid') ? 'cid' : own('cid'), MAX_PATH_BYTES);
  const peers = Number(fields.text(own('peers'), 4));
  if (!Number.isInteger(peers) || peers < 0) throw new ProtocolError('bad-value', 'beacon.peers');
  return {
    batch: fields.text(own('batch'), 64),
    session: fields.text('sid', 64),
    presentation,
    arm: fields.oneOf(own('arm'), ARMS),
    peers,
    ...(fields.has('msd') ? { startupMs: fields.count('msd', MAX_BATCH_MS) } : {}),
    ...(fields.has('br') ? { bitrateKbps: fields.list('br', 4, amount('br', MAX_KBPS))[0] ?? 0 } : {}),
    starvationsMs: fields.has('bsd') ? fields.list('bsd', MAX_STARVATIONS, amount('bsd', MAX_BATCH_MS)) : [],
    errors: fields.has('ec') ? fields.list('ec', MAX_ERRORS, errorName) : [],
    counters: readCounters(fields.text(own('n'), 512)),
    from: fields.has(own('from')) ? readPeers(fields.text(own('from'), MAX_BEACON_PEERS * 80)) : [],
  };
}

function readCounters(words: string): BeaconCounters {
  const counters: Record<keyof BeaconCounters, number> = { ...NO_COUNTERS };
  for (const [word, value] of pairs(words, BEACON_COUNTERS.length * 2)) {
    const counter = COUNTERS_BY_WORD.get(word);
    // A newer player may count more.
    if (counter === undefined) continue;
    const most = counter === 'watchedMs' ? MAX_BATCH_MS : MAX_BATCH_BYTES;
    if (value > most) throw new ProtocolError('bad-value', `beacon.${counter} is over ${most}`);
    counters[counter] = value;
  }
  return counters;
}

function readPeers(words: string): PeerBytes[] {
  return pairs(words, MAX_BEACON_PEERS).map(([peer, bytes]) => ({ peer, bytes }));
}

function pairs(words: string, most: number): [word: string, value: number][] {
  if (words === '') return [];
  const parts = words.split(' ');
  if (parts.length > most) throw new ProtocolError('too-large', 'beacon has too many figures');
  return parts.map((part) => {
    const match = /^([\w-]{1,64}):(\d{1,11})$/.exec(part);
    if (match === null) throw new ProtocolError('bad-value', 'beacon has a figure that is none');
    return [match[1] ?? '', Number(match[2])];
  });
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
