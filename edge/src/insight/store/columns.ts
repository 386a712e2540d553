import { ARMS, type Arm } from '@eddy/protocol';
import { InsightError } from '../errors.js';
import { SUM_FIELDS, type Sums } from './insight-store.js';

/** A row as the database gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** Column of a sum. */
export function column(field: keyof Sums): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Sum columns of a select. An alias never repeats its column's name: ClickHouse would sum the alias again. */
export const SELECT_SUMS: string = SUM_FIELDS.map(
  (field) => `sum(${column(field)}) as total_${column(field)}`,
).join(', ');

export function readSums(row: Row): Sums {
  const total = (field: keyof Sums): number => readNumber(row, `total_${column(field)}`);
  return {
    edgeBytes: total('edgeBytes'),
    peerBytes: total('peerBytes'),
    uploadedBytes: total('uploadedBytes'),
    wastedBytes: total('wastedBytes'),
    watchedMs: total('watchedMs'),
    rebufferMs: total('rebufferMs'),
    rebuffers: total('rebuffers'),
    beacons: total('beacons'),
    sessions: total('sessions'),
  };
}

/** Sums beyond 2^53 lose their last digits, which no figure shows. */
export function readNumber(row: Row, name: string): number {
  const value = row[name];
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  throw new InsightError('store-failed', `The store gave ${typeof value} for ${name}, not a number.`);
}

export function readText(row: Row, name: string): string {
  const value = row[name];
  if (typeof value === 'string') return value;
  throw new InsightError('store-failed', `The store gave ${typeof value} for ${name}, not a text.`);
}

export function readArm(row: Row, name: string): Arm {
  const text = readText(row, name);
  const arm = ARMS.find((candidate) => candidate === text);
  if (arm === undefined) throw new InsightError('store-failed', `The store gave ${text} for an arm.`);
  return arm;
}
