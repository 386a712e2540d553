import { hash } from 'node:crypto';
import { z } from 'zod';
import { InsightError } from '../errors.js';
import type { RowPosition } from '../store/insight-store.js';
import { RANGE_NAMES } from './figures.js';
import type { QueryRange } from './range.js';

/** Where a list goes on. The range stays that of its first page, so that all pages are about the same time. */
export interface Continuation {
  readonly range: QueryRange;
  readonly after: RowPosition;
}

const minute = z.int().min(0);
const written = z.strictObject({
  question: z.string(),
  range: z
    .strictObject({
      ...{ name: z.enum(RANGE_NAMES).optional(), from: minute, to: minute },
      stepMinutes: z.int().min(1),
    })
    .transform(({ name, ...range }) => ({ name, ...range })),
  after: z.strictObject({
    ...{ sum: z.number().optional(), minute: minute.optional() },
    keys: z.record(z.string(), z.string()),
  }),
});

/** Parameters that may differ from page to page. */
const OF_A_PAGE: ReadonlySet<string> = new Set(['cursor', 'limit', 'range', 'from', 'to']);

/** A mark of what is asked, so that a cursor is not used for something else. */
export function questionOf(path: string, asked: Readonly<Record<string, unknown>>): string {
  const rest = Object.entries(asked).filter(([name, value]) => value !== undefined && !OF_A_PAGE.has(name));
  return hash('sha256', JSON.stringify([path, rest.sort()]), 'base64url').slice(0, 8);
}

/** Opaque to those who ask. */
export function writeCursor(question: string, { range, after }: Continuation): string {
  return Buffer.from(JSON.stringify({ question, range, after })).toString('base64url');
}

/** @throws InsightError `bad-query` */
export function readCursor(question: string, cursor: string): Continuation {
  let raw: unknown;
  try {
    raw = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    // Not written here.
  }
  const read = written.safeParse(raw);
  if (read.success && read.data.question === question) {
    return { range: read.data.range, after: read.data.after };
  }
  throw new InsightError(
    'bad-query',
    'cursor is of another question: take nextCursor of an answer to this one, with the same filters',
  );
}
