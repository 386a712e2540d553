import {
  type Beacon,
  MAX_BEACON_BATCHES,
  MAX_BEACON_BYTES,
  ProtocolError,
  readBeacon,
  splitTokenPath,
} from '@eddy/protocol';
import type { Place } from '../../swarm/matching/place.js';
import { InsightError } from '../errors.js';
import type { BeaconResult } from '../metrics.js';
import type { Fact } from '../rollup/fact.js';
import { rememberDevices } from '../sessions/device.js';
import type { Door, Judge, Origin } from '../sessions/judge.js';
import { decodeLine } from './decode-line.js';
import type { FactSink } from './fact-sink.js';

export interface ReceiveComponents {
  readonly judge: Judge;
  readonly sink: FactSink;
  readonly placeOf: (address: string | undefined) => Place;
  readonly count: (result: BeaconResult) => void;
  /** Hears of each batch that was stored, once. */
  readonly onStored: (fact: Fact) => void;
  /** Called when the store refuses batches. */
  readonly onStoreError: (error: InsightError) => void;
}

export interface Answer {
  readonly status: 204 | 400 | 413 | 503;
  /** Why, for whoever debugs a player. */
  readonly text?: string;
}

export interface Sender {
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
  readonly door: Door;
}

/**
 * Batches of a POST, a CMCD line each. 204 when all are committed (known ones too), 400 with a reason, 413, or 503: not
 * all are, and the same may be sent again.
 */
export type Receive = (body: string, sender: Sender) => Promise<Answer>;

export function tooLarge(): Answer {
  return { status: 413, text: `too-large: beacons are at most ${MAX_BEACON_BYTES} bytes` };
}

export function createReceive(components: ReceiveComponents): Receive {
  const { judge, sink, placeOf, count, onStored, onStoreError } = components;
  const deviceOf = rememberDevices({ max: 1000 });
  // Promises of hundreds that wait are what the collector has most to do with: as few as can be.
  const take = (beacon: Beacon, origin: Origin): Promise<void> => {
    const { fact, undo } = judge.judge(beacon, origin);
    return sink.accept(fact).then(
      (result) => {
        count(result);
        if (result === 'stored') onStored(fact);
        else undo();
      },
      (error: unknown) => {
        undo();
        throw error;
      },
    );
  };
  return async (body, { address, userAgent, door }) => {
    if (body.length > MAX_BEACON_BYTES) {
      count('too-large');
      return tooLarge();
    }
    try {
      const beacons = readBeacons(body);
      const origin = { place: placeOf(address), device: deviceOf(userAgent), door };
      const [only, ...more] = beacons;
      if (only !== undefined && more.length === 0) await take(only, origin);
      else await Promise.all(beacons.map((beacon) => take(beacon, origin)));
      return { status: 204 };
    } catch (error) {
      if (error instanceof ProtocolError) {
        count('bad');
        return { status: 400, text: error.message };
      }
      if (!(error instanceof InsightError)) throw error;
      const refusedByStore = error.code !== 'queue-full' && error.code !== 'closing';
      count(error.code === 'queue-full' || error.code === 'closing' ? error.code : 'store-failed');
      if (refusedByStore) onStoreError(error);
      return { status: 503, text: refusedByStore ? 'Batches cannot be stored now.' : error.message };
    }
  };
}

/** @throws ProtocolError */
function readBeacons(body: string): Beacon[] {
  // Most POSTs are one line.
  const end = body.indexOf('\n');
  if (body !== '' && (end === -1 || end === body.length - 1))
    return [readLine(end === -1 ? body : body.slice(0, end))];
  const lines = body.split('\n').filter((line) => line !== '');
  if (lines.length === 0) throw new ProtocolError('bad-value', 'there is no beacon');
  if (lines.length > MAX_BEACON_BATCHES) throw new ProtocolError('too-large', 'too many beacons');
  return lines.map(readLine);
}

function readLine(line: string): Beacon {
  const parsed = readBeacon(decoded(line));
  // A token that a page left in is no part of any name.
  const { presentation } = parsed;
  const beacon = /^.[~%]/.test(presentation)
    ? { ...parsed, presentation: splitTokenPath(presentation).path }
    : parsed;
  if (beacon.presentation.startsWith('/')) return beacon;
  throw new ProtocolError('bad-value', 'beacon.cid is not an absolute path');
}

function decoded(line: string): unknown {
  try {
    return decodeLine(line);
  } catch (cause) {
    throw new ProtocolError(
      'bad-value',
      `the line is no CMCD: ${cause instanceof Error ? cause.message : ''}`,
    );
  }
}
